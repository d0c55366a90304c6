import { ViewportPortal } from '@xyflow/react';
import { memo, useMemo } from 'react';
import { absolutePosition, indexNodes, type CanvasNode } from '../../graph/canvas-graph.ts';
import { expectedHeight, nodeWidth } from '../../graph/node-size.ts';
import { nodeStatusOf } from '../../live/node-status.ts';
import { useNodeRun } from '../environment.ts';
import { useMotion } from '../view/use-motion.ts';
import './far.css';

/**
 * How every node stands, seen from far: a plate behind each. A change of status
 * draws one plate, and no node, again.
 */
export function FarRings() {
  const { settled, nodes, moving } = useMotion();
  const still = useMemo(() => {
    const byId = indexNodes(settled);
    return settled.filter(({ id }) => !moving.has(id)).map((node) => ringOf(node, byId));
  }, [settled, moving]);
  const dragged = moving.size === 0 ? [] : nodes.filter(({ id }) => moving.has(id));
  return (
    <ViewportPortal>
      <div aria-hidden className="far-rings">
        <div>{still}</div>
        <div>{dragged.map((node) => ringOf(node, indexNodes(nodes)))}</div>
      </div>
    </ViewportPortal>
  );
}

function ringOf(node: CanvasNode, byId: ReadonlyMap<string, CanvasNode>) {
  const { x, y } = absolutePosition(node, byId);
  const height = node.measured?.height ?? expectedHeight(node.type ?? '');
  return <FarRing key={node.id} id={node.id} x={x} y={y} height={height} />;
}

const FarRing = memo(function FarRing({ id, x, y, height }: { id: string; x: number; y: number; height: number }) {
  const status = nodeStatusOf(useNodeRun(id)?.execution);
  return (
    <div
      className="far-ring"
      data-ring-of={id}
      data-status={status}
      style={{ left: x, top: y, width: nodeWidth, height }}
    />
  );
});
