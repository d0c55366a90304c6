import { useStoreApi } from '@xyflow/react';
import { useMemo } from 'react';

interface PanLayer {
  /** The view begins to move. */
  begin(): void;
  end(): void;
}

/**
 * Makes the graph a compositing layer while it is panned, so that a step moves what is drawn already instead of drawing it
 * anew. Only `translate` becomes one: a layer by `transform`, in which the zoom is, would be painted at full size, however
 * small it is shown. As soon as the zoom changes there is none, as all is drawn anew then.
 */
export function usePanLayer(): PanLayer {
  const store = useStoreApi();
  return useMemo(() => createPanLayer(store), [store]);
}

function createPanLayer(store: ReturnType<typeof useStoreApi>): PanLayer {
  let stop = () => {};
  return {
    begin() {
      stop();
      const view = store.getState().domNode?.querySelector<HTMLElement>('.react-flow__viewport');
      if (view == null) return;
      const { style } = view;
      let shown = store.getState().transform;
      // React Flow has written its own transform when this is called: it listens since it was mounted.
      const unsubscribe = store.subscribe(({ transform }) => {
        const [x, y, zoom] = transform;
        if (transform === shown) return;
        if (zoom !== shown[2]) return stop();
        shown = transform;
        style.willChange = 'translate';
        style.translate = `${x}px ${y}px`;
        style.transform = `scale(${zoom})`;
      });
      stop = () => {
        stop = () => {};
        unsubscribe();
        const [x, y, zoom] = store.getState().transform;
        style.willChange = '';
        style.translate = '';
        style.transform = `translate(${x}px,${y}px) scale(${zoom})`;
      };
    },
    end: () => stop(),
  };
}
