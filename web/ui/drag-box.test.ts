import { expect, test } from '@jest/globals';
import { dragBox } from './drag-box.ts';

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
