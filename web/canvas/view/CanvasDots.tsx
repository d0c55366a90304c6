import { useStoreApi } from '@xyflow/react';
import { useLayoutEffect, useRef } from 'react';

/** Distance of two dots on the canvas. */
const gap = 20;
/** Nearer than that on the screen, dots are a haze: every second one is left out then. */
const leastGap = 14;
/** Half the width of a dot on the screen at a zoom of one. */
const radius = 0.9;

/**
 * The dots behind the graph. A step of the view moves them as they are; they
 * are drawn anew only when the zoom changes, as a layer as large as the canvas
 * costs a whole frame to draw.
 */
export function CanvasDots() {
  const store = useStoreApi();
  const dots = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    let drawnZoom = 0;
    const show = () => {
      const [x, y, zoom] = store.getState().transform;
      const shown = gap * zoom * 2 ** Math.max(0, Math.ceil(Math.log2(leastGap / (gap * zoom))));
      const { style } = dots.current!;
      if (zoom !== drawnZoom) {
        style.backgroundSize = `${shown}px ${shown}px`;
        style.setProperty('--dot', `${Math.max(0.7, radius * Math.min(1.5, zoom))}px`);
        drawnZoom = zoom;
      }
      style.transform = `translate(${x - shown * Math.ceil(x / shown)}px, ${y - shown * Math.ceil(y / shown)}px)`;
    };
    show();
    return store.subscribe(show);
  }, [store]);
  return <div ref={dots} aria-hidden className="canvas-dots" />;
}
