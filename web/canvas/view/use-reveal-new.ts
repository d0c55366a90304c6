import { useEffect } from 'react';
import { absolutePosition, indexNodes } from '../../graph/canvas-graph.ts';
import { boundsOf } from '../../graph/fragment.ts';
import { useEnvironment } from '../environment.ts';
import { useReveal } from './use-reveal.ts';

/**
 * Whatever somebody adds, by whichever way, is brought into the free part of the view; `onNew` hears of it first. What comes
 * back by a step back stays where it was, and so does the view.
 */
export function useRevealNew(onNew: () => void): void {
  const { store } = useEnvironment();
  const reveal = useReveal();
  useEffect(() => {
    let frame = 0;
    const waiting = new Set<string>();
    const show = () => {
      const byId = indexNodes(store.getState().nodes);
      const added = [...waiting].flatMap((id) => byId.get(id) ?? []);
      waiting.clear();
      if (added.length > 0) {
        reveal(boundsOf(added.map((node) => ({ ...node, position: absolutePosition(node, byId) }))));
      }
    };
    const stop = store.subscribe(({ nodes }, before) => {
      if (nodes.length <= before.nodes.length) return;
      const known = indexNodes(before.nodes);
      const added = nodes.filter(({ id, selected }) => selected === true && !known.has(id));
      if (added.length === 0) return;
      onNew();
      for (const { id } of added) waiting.add(id);
      cancelAnimationFrame(frame);
      // Once the inspector has opened beside the canvas.
      frame = requestAnimationFrame(show);
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [store, reveal, onNew]);
}
