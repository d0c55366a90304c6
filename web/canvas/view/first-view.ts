import { nodeWidth } from '../../graph/node-size.ts';
import type { Box } from '../../graph/free-place.ts';

/** Room for the toolbar of a node above, and for the controls at the side, in pixels of the screen. */
const padding = { top: 56, right: 40, bottom: 24, left: 64 };
/** Small graphs are not blown up further. */
const mostZoom = 1.1;
/** The smallest letters on a node are eleven pixels high. Where all of a graph would be smaller, its start is shown as large as it was made. */
const leastZoom = 1;

/** Where the view lies, as React Flow has it. */
interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/**
 * What is seen of a graph at first: all of it where that can be read, else its start, the first column of nodes at the
 * left. `room` is the size of the canvas in pixels; null where there is nothing to show, or no room yet.
 */
export function firstView(boxes: readonly Box[], room: { width: number; height: number }): View | null {
  const width = room.width - padding.left - padding.right;
  const height = room.height - padding.top - padding.bottom;
  if (boxes.length === 0 || width <= 0 || height <= 0) return null;
  const all = boundsOf(boxes);
  const whole = Math.min(mostZoom, width / all.width, height / all.height);
  const zoom = Math.max(whole, leastZoom);
  const [across, down] = [width / zoom, height / zoom];
  const left = all.width <= across ? all.x - (across - all.width) / 2 : all.x;
  const first = boundsOf(boxes.filter(({ x }) => x < all.x + nodeWidth));
  const middle = first.height <= down ? first.y + first.height / 2 - down / 2 : first.y;
  const top =
    all.height <= down ? all.y - (down - all.height) / 2 : Math.min(all.y + all.height - down, Math.max(all.y, middle));
  return { x: padding.left - left * zoom, y: padding.top - top * zoom, zoom };
}

function boundsOf(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}
