import { useReactFlow, useStoreApi } from '@xyflow/react';
import { useCallback, useLayoutEffect, useRef } from 'react';
import { absolutePosition, indexNodes } from '../../graph/canvas-graph.ts';
import { boundsOf } from '../../graph/fragment.ts';
import type { Box } from '../../graph/free-place.ts';
import { motionMs } from '../../ui/motion.ts';
import { useEnvironment, useWorkflow } from '../environment.ts';

/** Room at the sides of what is shown, for the names of its handles and its toolbar. */
const margin = 56;

/**
 * Moves the view so far that a part of the canvas is in it, and not at all where it is anyhow;
 * `right` looks at the right side alone.
 */
export function useReveal(): (box: Box, sides?: 'all' | 'right') => void {
  const flow = useReactFlow();
  const api = useStoreApi();
  return useCallback(
    (box, sides = 'all') => {
      const { domNode, transform } = api.getState();
      if (domNode === null) return;
      const [x, y, zoom] = transform;
      let right = shiftInto(box.x * zoom + x, box.width * zoom, domNode.clientWidth);
      let down = shiftInto(box.y * zoom + y, box.height * zoom, domNode.clientHeight);
      if (sides === 'right') [right, down] = [Math.min(right, 0), 0];
      if (right === 0 && down === 0) return;
      // Straight: the usual curve zooms on its way, and would stay so where the next movement begins in the middle.
      void flow.setViewport({ x: x + right, y: y + down, zoom }, { duration: motionMs(200), interpolate: 'linear' });
    },
    [flow, api],
  );
}

/** How far a line has to move to lie within `room`. Its beginning counts more than its end where it is longer. */
function shiftInto(start: number, length: number, room: number): number {
  const over = Math.max(0, start + length + margin - room);
  return Math.max(-over, margin - start, over === 0 ? 0 : -Infinity);
}

/** When a panel opens and takes width from the canvas, what is selected is moved out of its way. */
export function useRevealBesidePanel(isPanelOpen: boolean): void {
  const { store } = useEnvironment();
  const reveal = useReveal();
  // The view of somebody who drags a node stays until it is dropped.
  const isDragging = useWorkflow(({ nodes, selectedNodes }) =>
    nodes.some(({ id, dragging }) => dragging === true && selectedNodes.includes(id)),
  );
  const isDue = useRef(false);
  useLayoutEffect(() => {
    isDue.current = isPanelOpen;
  }, [isPanelOpen]);
  useLayoutEffect(() => {
    if (!isDue.current || isDragging) return;
    isDue.current = false;
    const { nodes, selectedNodes } = store.getState();
    const byId = indexNodes(nodes);
    const chosen = selectedNodes.flatMap((id) => byId.get(id) ?? []);
    // React Flow itself does not know yet a node that was added just now.
    reveal(boundsOf(chosen.map((node) => ({ ...node, position: absolutePosition(node, byId) }))), 'right');
  }, [isPanelOpen, isDragging, reveal, store]);
}
