import { useReactFlow, useStoreApi, type FitViewOptions, type NodeChange } from '@xyflow/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { absolutePosition, indexNodes, sizeOf, type CanvasNode } from '../../graph/canvas-graph.ts';
import { motionMs } from '../../ui/motion.ts';
import { useEnvironment } from '../environment.ts';
import { largeGraph } from '../far/far.ts';
import { firstView } from './first-view.ts';

/** Images of one moment are fitted together. */
const refitMs = 90;

/** Keeps everything in view, or the start of what is too much for it, until the user takes hold of the canvas. */
export interface FirstFit {
  /** All of it is shown at first. On an empty canvas a fit would wait for the first node and jump to it. */
  readonly startsFitted: boolean;
  /** Shows what is seen at first, where that is not all of it. */
  onInit(): void;
  /** Takes React Flow's changes, and shows everything again where nodes have grown. */
  onNodesChange(changes: NodeChange<CanvasNode>[]): void;
  /** The user takes hold of the canvas: from now on the view stays. */
  settle(): void;
}

/** Results make nodes taller: until the user takes hold of it, a canvas keeps showing everything. */
export function useFirstFit(fitOptions: FitViewOptions): FirstFit {
  const { store, isReadOnly } = useEnvironment();
  const flow = useReactFlow();
  const [startsFilled] = useState(() => store.getState().nodes.length > 0);
  // Where nothing can be edited, the graph is a map of the run; a large one is drawn for a look from far.
  const [startsReadable] = useState(() => !isReadOnly && store.getState().nodes.length <= largeGraph);
  const isSettling = useRef(true);
  const refitTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const view = useStoreApi();
  const showStart = useCallback(
    (duration: number) => {
      const { nodes } = store.getState();
      const byId = indexNodes(nodes);
      const boxes = nodes.map((node) => ({ ...absolutePosition(node, byId), ...sizeOf(node) }));
      const start = firstView(boxes, view.getState());
      if (start !== null) void flow.setViewport(start, { duration });
    },
    [store, flow, view],
  );
  const refit = useCallback(() => {
    clearTimeout(refitTimer.current);
    refitTimer.current = setTimeout(() => {
      if (!isSettling.current) return;
      if (startsReadable) showStart(motionMs(200));
      else void flow.fitView(fitOptions);
    }, refitMs);
  }, [flow, fitOptions, startsReadable, showStart]);
  useEffect(() => {
    let { width, height } = view.getState();
    // Panels around the canvas come and go.
    const stop = view.subscribe((now) => {
      const isSame = now.width === width && now.height === height;
      ({ width, height } = now);
      if (!isSame && startsFilled && isSettling.current) refit();
    });
    return () => {
      stop();
      clearTimeout(refitTimer.current);
    };
  }, [view, refit, startsFilled]);
  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      const { nodes, onNodesChange: apply } = store.getState();
      apply(changes);
      // A large graph is looked at piece by piece: nothing moves there by itself.
      if (nodes.length > largeGraph || !startsFilled || !isSettling.current) return;
      if (changes.every(({ type }) => type !== 'dimensions')) return;
      refit();
    },
    [store, startsFilled, refit],
  );
  const settle = useCallback(() => {
    isSettling.current = false;
  }, []);
  const onInit = useCallback(() => {
    if (startsFilled && startsReadable) showStart(0);
  }, [startsFilled, startsReadable, showStart]);
  return { startsFitted: startsFilled && !startsReadable, onInit, onNodesChange, settle };
}
