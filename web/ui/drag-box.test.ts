import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dragBox, fitShape, resizeBox } from './drag-box.ts';

const box = { x: 20, y: 20, width: 40, height: 40 };

test('a dragged box keeps its size and stays in the image', () => {
  expect(dragBox(box, {}, 10, -5)).toEqual({ x: 30, y: 15, width: 40, height: 40 });
  expect(dragBox(box, {}, 90, -90)).toEqual({ x: 60, y: 0, width: 40, height: 40 });
});

test('a dragged corner leaves the opposite one where it is', () => {
  expect(dragBox(box, { left: true, top: true }, 5, 10)).toEqual({ x: 25, y: 30, width: 35, height: 30 });
  expect(dragBox(box, { right: true, bottom: true }, 90, 90)).toEqual({ x: 20, y: 20, width: 80, height: 80 });
});

test('a box never turns inside out', () => {
  expect(dragBox(box, { left: true }, 90, 0)).toEqual({ x: 58, y: 20, width: 2, height: 40 });
});

test('a box of a given shape keeps it, whichever grip is dragged', () => {
  expect(dragBox(box, { right: true, bottom: true }, 20, 0, 1)).toEqual({ x: 20, y: 20, width: 60, height: 60 });
  expect(dragBox(box, { left: true, top: true }, 0, 10, 1)).toEqual({ x: 30, y: 30, width: 30, height: 30 });
  // A side grows around its middle.
  expect(dragBox(box, { right: true }, 20, 0, 1)).toEqual({ x: 20, y: 10, width: 60, height: 60 });
  // The image ends: so does the box.
  expect(dragBox(box, { right: true, bottom: true }, 90, 90, 0.5)).toEqual({ x: 20, y: 20, width: 40, height: 80 });
});

test('a shape is taken on around the middle, as large as before where there is room', () => {
  expect(fitShape({ x: 0, y: 0, width: 100, height: 100 }, 0.75)).toEqual({ x: 12.5, y: 0, width: 75, height: 100 });
  expect(fitShape(box, 4)).toEqual({ x: 0, y: 30, width: 80, height: 20 });
  // Back again it is as large as it was.
  expect(fitShape(fitShape(box, 4), 1)).toEqual({ x: 20, y: 20, width: 40, height: 40 });
});

test('a side that is given in numbers takes the other one along', () => {
  expect(resizeBox(box, 'width', 50, 2)).toEqual({ x: 20, y: 20, width: 50, height: 25 });
  expect(resizeBox(box, 'height', 90, 2)).toEqual({ x: 0, y: 20, width: 100, height: 50 });
});

test('whatever is done to a box, it lies within the image and has a size', () => {
  const side = fc.integer({ min: 5, max: 100 });
  const boxes = fc.tuple(side, side, fc.nat(100), fc.nat(100)).map(([width, height, x, y]) => ({
    x: Math.min(x, 100 - width),
    y: Math.min(y, 100 - height),
    width,
    height,
  }));
  const grips = fc.record({ left: fc.boolean(), right: fc.boolean(), top: fc.boolean(), bottom: fc.boolean() });
  const by = fc.integer({ min: -120, max: 120 });
  const shapes = fc.option(fc.double({ min: 0.3, max: 3, noNaN: true }), { nil: null });
  fc.assert(
    fc.property(boxes, grips, by, by, shapes, (start, grip, dx, dy, shape) => {
      // Opposite sides are not gripped at once.
      const one = { ...grip, right: grip.right && !grip.left, bottom: grip.bottom && !grip.top };
      const { x, y, width, height } = dragBox(start, one, dx, dy, shape);
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(Math.min(width, height)).toBeGreaterThan(0);
      expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(100.001);
    }),
  );
});
