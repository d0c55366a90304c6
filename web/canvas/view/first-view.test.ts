import { describe, expect, test } from '@jest/globals';
import { firstView } from './first-view.ts';

const room = { width: 1_200, height: 800 };
const box = (x: number, y: number, height = 300) => ({ x, y, width: 264, height });
/** Where a box lies on the screen. */
function shown({ x, y, width, height }: ReturnType<typeof box>, view: NonNullable<ReturnType<typeof firstView>>) {
  const left = x * view.zoom + view.x;
  const top = y * view.zoom + view.y;
  return { left, top, right: left + width * view.zoom, bottom: top + height * view.zoom };
}
const isInside = (at: ReturnType<typeof shown>) =>
  at.left >= 0 && at.top >= 0 && at.right <= room.width && at.bottom <= room.height;

describe('the first look at a graph', () => {
  test('shows all of it in the middle where that can be read', () => {
    const boxes = [box(0, 0), box(400, 100)];
    const view = firstView(boxes, room)!;
    expect(view.zoom).toBe(1.1);
    expect(boxes.every((each) => isInside(shown(each, view)))).toBe(true);
  });

  test('shows the start of a wide one in its own size, at the left', () => {
    const boxes = Array.from({ length: 12 }, (_, index) => box(index * 340, 0));
    const view = firstView(boxes, room)!;
    expect(view.zoom).toBe(1);
    expect(boxes.slice(0, 3).every((each) => isInside(shown(each, view)))).toBe(true);
    expect(shown(boxes[0]!, view).left).toBe(64);
  });

  test('shows where a high one begins, wherever that is', () => {
    const column = [0, 1, 2, 3, 4, 5].map((index) => box(340, index * 400));
    const boxes = [box(0, 1_000), ...column];
    const view = firstView(boxes, room)!;
    expect(view.zoom).toBe(1);
    expect(isInside(shown(boxes[0]!, view))).toBe(true);
    const low = [box(0, 2_100), ...column];
    expect(isInside(shown(low[0]!, firstView(low, room)!))).toBe(true);
  });

  test('shows none smaller than it was made: the smallest letters on a node could not be read', () => {
    // All of it would fit at nine tenths.
    const boxes = [box(0, 0), box(950, 0)];
    const view = firstView(boxes, room)!;
    expect(view.zoom).toBe(1);
    expect(isInside(shown(boxes[0]!, view))).toBe(true);
  });

  test('waits for the canvas to have room, and for something to show', () => {
    expect(firstView([], room)).toBeNull();
    expect(firstView([box(0, 0)], { width: 0, height: 0 })).toBeNull();
  });
});
