import { ViewportPortal } from '@xyflow/react';
import { memo } from 'react';
import { absolutePosition, indexNodes } from '../graph/canvas-graph.ts';
import { expectedHeight, nodeWidth } from '../graph/node-size.ts';
import { nodeStatusOf } from '../live/node-status.ts';
import { useEnvironment, useNodeRun, useWorkflow } from './environment.ts';

/**
 * How every node stands, seen from far: a plate behind each. A change of status
 * draws one plate, and no node, again.
 */
export function FarRings() {
  const { catalogue } = useEnvironment();
  const nodes = useWorkflow((state) => state.nodes);
  const byId = indexNodes(nodes);
  return (
    <ViewportPortal>
      <div aria-hidden className="far-rings">
        {nodes.map((node) => {
          if (!catalogue.has(node.type ?? '')) return null;
          const { x, y } = absolutePosition(node, byId);
          const height = node.measured?.height ?? expectedHeight(node.type ?? '');
          return <FarRing key={node.id} id={node.id} x={x} y={y} height={height} />;
        })}
      </div>
    </ViewportPortal>
  );
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
