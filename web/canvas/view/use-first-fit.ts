import { useReactFlow, useStoreApi, type FitViewOptions, type NodeChange } from '@xyflow/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { CanvasNode } from '../../graph/canvas-graph.ts';
import { useEnvironment } from '../environment.ts';
import { largeGraph } from '../far/far.ts';

/** Images of one moment are fitted together. */
const refitMs = 90;

/** Keeps everything in view until the user takes hold of the canvas. */
export interface FirstFit {
  /** On an empty canvas a fit would wait for the first node and jump to it. */
  readonly startsFilled: boolean;
  /** Takes React Flow's changes, and shows everything again where nodes have grown. */
  onNodesChange(changes: NodeChange<CanvasNode>[]): void;
  /** The user takes hold of the canvas: from now on the view stays. */
  settle(): void;
}

/** Results make nodes taller: until the user takes hold of it, a canvas keeps showing everything. */
export function useFirstFit(fitOptions: FitViewOptions): FirstFit {
  const { store } = useEnvironment();
  const flow = useReactFlow();
  const [startsFilled] = useState(() => store.getState().nodes.length > 0);
  const isSettling = useRef(true);
  const refitTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const view = useStoreApi();
  const refit = useCallback(() => {
    clearTimeout(refitTimer.current);
    refitTimer.current = setTimeout(() => {
      if (isSettling.current) void flow.fitView(fitOptions);
    }, refitMs);
  }, [flow, fitOptions]);
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
  return { startsFilled, onNodesChange, settle };
}
