import { ViewportPortal } from '@xyflow/react';
import { memo, useLayoutEffect, useMemo, useRef } from 'react';
import { absolutePosition, indexNodes, type CanvasNode } from '../../graph/canvas-graph.ts';
import { heightToCome } from '../../graph/node-height.ts';
import { nodeWidth } from '../../graph/node-size.ts';
import { nodeStatusOf } from '../../live/node-status.ts';
import type { RunView } from '../../live/run-view.ts';
import { useEnvironment } from '../environment.ts';
import { useMotion } from '../view/use-motion.ts';
import './far.css';

/**
 * How every node stands, seen from far: a plate behind each. A change of status
 * changes one attribute, and draws nothing again: hundreds of plates that listen each for itself would be asked with each change.
 */
export function FarRings() {
  const { runs } = useEnvironment();
  const { settled, nodes, moving } = useMotion();
  const rings = useRef<HTMLDivElement>(null);
  const still = useMemo(() => {
    const byId = indexNodes(settled);
    return settled.filter(({ id }) => !moving.has(id)).map((node) => ringOf(node, byId));
  }, [settled, moving]);
  const ground = useMemo(() => groundOf(settled), [settled]);
  const dragged = moving.size === 0 ? [] : nodes.filter(({ id }) => moving.has(id));
  // Anew with other plates: a status may have come between their drawing and now.
  useLayoutEffect(() => {
    showStatuses(rings.current!, runs.api.getState().view?.nodes ?? {}, {});
    return runs.api.subscribe(({ view }, { view: before }) => {
      if (view !== before) showStatuses(rings.current!, view?.nodes ?? {}, before?.nodes ?? {});
    });
  }, [runs, still, moving]);
  return (
    <ViewportPortal>
      <div ref={rings} aria-hidden className="far-rings">
        <div className="far-ground" style={ground} />
        <div>{still}</div>
        <div>{dragged.map((node) => ringOf(node, indexNodes(nodes)))}</div>
      </div>
    </ViewportPortal>
  );
}

/** What the ground reaches beyond the nodes: farther than their plates do. */
const margin = 48;

/**
 * A plate below everything, of the color of the canvas. While the graph is panned it is one layer because of it: the browser
 * puts what is painted together only where hardly anything between is empty, and hundreds of layers are dearer than none.
 */
function groundOf(nodes: readonly CanvasNode[]) {
  const byId = indexNodes(nodes);
  const boxes = nodes.map((node) => {
    const { x, y } = absolutePosition(node, byId);
    const { width = nodeWidth, height = heightToCome(node.type ?? '', node.data) } = node.measured ?? {};
    return { x, y, right: x + width, bottom: y + height };
  });
  const left = Math.min(...boxes.map(({ x }) => x)) - margin;
  const top = Math.min(...boxes.map(({ y }) => y)) - margin;
  const width = Math.max(...boxes.map(({ right }) => right)) + margin - left;
  const height = Math.max(...boxes.map(({ bottom }) => bottom)) + margin - top;
  return { left, top, width, height };
}

function showStatuses(rings: HTMLElement, nodes: RunView['nodes'], before: RunView['nodes']): void {
  for (const ring of rings.querySelectorAll<HTMLElement>('[data-ring-of]')) {
    const id = ring.dataset['ringOf']!;
    if (nodes[id] !== undefined && nodes[id] === before[id]) continue;
    const status = nodeStatusOf(nodes[id]?.execution);
    if (ring.dataset['status'] !== status) ring.dataset['status'] = status;
  }
}

function ringOf(node: CanvasNode, byId: ReadonlyMap<string, CanvasNode>) {
  const { x, y } = absolutePosition(node, byId);
  const height = node.measured?.height ?? heightToCome(node.type ?? '', node.data);
  return <FarRing key={node.id} id={node.id} x={x} y={y} height={height} />;
}

const FarRing = memo(function FarRing({ id, x, y, height }: { id: string; x: number; y: number; height: number }) {
  // As it is when the plate is drawn; what comes later is changed in place.
  const status = nodeStatusOf(useEnvironment().runs.api.getState().view?.nodes[id]?.execution);
  return (
    <div
      className="far-ring"
      data-ring-of={id}
      data-status={status}
      style={{ left: x, top: y, width: nodeWidth, height }}
    />
  );
});
