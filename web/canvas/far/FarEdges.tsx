import { ViewportPortal } from '@xyflow/react';
import { useMemo } from 'react';
import { absolutePosition, indexNodes, type CanvasEdge, type CanvasNode } from '../../graph/canvas-graph.ts';
import { handleType, infoOf, type Catalogue } from '../../graph/catalogue.ts';
import { handleTop, inputTop, nodeWidth } from '../../graph/node-size.ts';
import { useEnvironment, useWorkflow } from '../environment.ts';
import { typeColor } from '../../ui/type-colors.ts';
import { useMotion } from '../view/use-motion.ts';
import type { DataType } from '../../../core/data-types/table.ts';
import './far.css';

/** Connections that begin in the same square of the canvas are drawn in one go. */
const square = 1_600;

interface Line {
  readonly key: string;
  readonly type: DataType;
  readonly path: string;
}

/**
 * Every connection of a graph seen from far: one line for each data type and
 * square of the canvas, so that a part of the screen is painted from the lines
 * near to it alone. While nodes are dragged only their own connections are
 * drawn again.
 */
export function FarEdges() {
  const { catalogue } = useEnvironment();
  const { settled, nodes, moving } = useMotion();
  const edges = useWorkflow((state) => state.edges);
  const [still, dragged] = useMemo(() => {
    const isDragged = ({ source, target }: CanvasEdge) => moving.has(source) || moving.has(target);
    return [edges.filter((edge) => !isDragged(edge)), edges.filter(isDragged)];
  }, [edges, moving]);
  const stillLines = useMemo(() => linesOf(still, settled, catalogue), [still, settled, catalogue]);
  return (
    <ViewportPortal>
      <svg aria-hidden className="far-edges">
        {stillLines.map(draw)}
        <g>{linesOf(dragged, nodes, catalogue).map(draw)}</g>
      </svg>
    </ViewportPortal>
  );
}

function draw({ key, type, path }: Line) {
  return <path key={key} d={path} style={{ stroke: typeColor(type) }} />;
}

function linesOf(edges: readonly CanvasEdge[], nodes: readonly CanvasNode[], catalogue: Catalogue): Line[] {
  const byId = indexNodes(nodes);
  const lines = new Map<string, { type: DataType; parts: string[] }>();
  for (const edge of edges) {
    const [source, target] = [byId.get(edge.source), byId.get(edge.target)];
    if (source === undefined || target === undefined) continue;
    const from = absolutePosition(source, byId);
    const to = absolutePosition(target, byId);
    const info = infoOf(catalogue, target);
    const [x1, y1] = [from.x + nodeWidth, from.y + handleTop(0)];
    const [x2, y2] = [to.x, to.y + (info === undefined ? handleTop(0) : inputTop(info, edge.targetHandle))];
    const bend = Math.max(40, Math.abs(x2 - x1) / 2);
    const type = handleType(catalogue, source, 'outputs', edge.sourceHandle) ?? 'any';
    const key = `${type} ${Math.floor(x1 / square)} ${Math.floor(y1 / square)}`;
    const line = lines.get(key) ?? { type, parts: [] };
    lines.set(key, line);
    line.parts.push(`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`);
  }
  return [...lines].map(([key, { type, parts }]) => ({ key, type, path: parts.join('') }));
}
