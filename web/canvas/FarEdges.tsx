import { ViewportPortal } from '@xyflow/react';
import { useMemo } from 'react';
import { absolutePosition, indexNodes } from '../graph/canvas-graph.ts';
import { handleType } from '../graph/catalogue.ts';
import { handleTop, nodeWidth } from '../graph/node-size.ts';
import { useEnvironment, useWorkflow } from './environment.ts';
import { typeColor } from './NodeHandles.tsx';
import type { DataType } from '../../core/node-type/values.ts';

/** Connections that begin in the same square of the canvas are drawn in one go. */
const square = 1_600;

/**
 * Every connection of a graph seen from far: one line for each data type and
 * square of the canvas, so that a part of the screen is painted from the lines
 * near to it alone. Connections of nodes that are being dragged are lines of
 * their own: the others are not drawn again.
 */
export function FarEdges() {
  const { catalogue } = useEnvironment();
  const nodes = useWorkflow((state) => state.nodes);
  const edges = useWorkflow((state) => state.edges);
  const paths = useMemo(() => {
    const byId = indexNodes(nodes);
    const drawn = new Map<string, { type: DataType; lines: string[] }>();
    for (const edge of edges) {
      const [source, target] = [byId.get(edge.source), byId.get(edge.target)];
      if (source === undefined || target === undefined) continue;
      const from = absolutePosition(source, byId);
      const to = absolutePosition(target, byId);
      const inputs = catalogue.get(target.type ?? '')?.inputs ?? [];
      const row = Math.max(
        0,
        inputs.findIndex(({ id }) => id === edge.targetHandle),
      );
      const [x1, y1, x2, y2] = [from.x + nodeWidth, from.y + handleTop(0), to.x, to.y + handleTop(row)];
      const bend = Math.max(40, Math.abs(x2 - x1) / 2);
      const type = handleType(catalogue, source.type, 'outputs', edge.sourceHandle) ?? 'any';
      const isMoving = source.dragging === true || target.dragging === true;
      const key = isMoving ? `${type} moving` : `${type} ${Math.floor(x1 / square)} ${Math.floor(y1 / square)}`;
      const group = drawn.get(key) ?? { type, lines: [] };
      drawn.set(key, group);
      group.lines.push(`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`);
    }
    return [...drawn].map(([key, { type, lines }]) => ({ key, type, path: lines.join('') }));
  }, [nodes, edges, catalogue]);
  return (
    <ViewportPortal>
      <svg aria-hidden className="far-edges">
        {paths.map(({ key, type, path }) => (
          <path key={key} d={path} style={{ stroke: typeColor(type) }} />
        ))}
      </svg>
    </ViewportPortal>
  );
}
