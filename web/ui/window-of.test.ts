import { expect, test } from '@jest/globals';
import { topsOf, windowOf } from './window-of.ts';

const even = (count: number) => topsOf(count, () => 100);

test('only rows in view and a few around them are drawn, wherever a list is scrolled to', () => {
  expect(windowOf({ scrollTop: 0, height: 600 }, even(2_500))).toEqual({ first: 0, end: 9 });
  expect(windowOf({ scrollTop: 100_000, height: 600 }, even(2_500))).toEqual({ first: 997, end: 1_009 });
  expect(windowOf({ scrollTop: 100_050, height: 600 }, even(2_500))).toEqual({ first: 997, end: 1_010 });
  expect(windowOf({ scrollTop: 249_400, height: 600 }, even(2_500))).toEqual({ first: 2_491, end: 2_500 });
});

test('rows of their own heights are drawn by where they lie', () => {
  const tops = topsOf(1_000, (row) => (row % 2 === 0 ? 36 : 116));
  expect([...tops.slice(0, 4)]).toEqual([0, 36, 152, 188]);
  expect(tops.at(-1)).toBe(76_000);
  expect(windowOf({ scrollTop: 0, height: 600 }, tops)).toEqual({ first: 0, end: 11 });
  // Within the row 201, which begins at 15,236.
  expect(windowOf({ scrollTop: 15_240, height: 100 }, tops)).toEqual({ first: 198, end: 205 });
});

test('a short list is drawn whole, and an empty one not at all', () => {
  expect(windowOf({ scrollTop: 0, height: 600 }, even(2))).toEqual({ first: 0, end: 2 });
  expect(windowOf({ scrollTop: 0, height: 600 }, even(0))).toEqual({ first: 0, end: 0 });
  // It was longer when it was scrolled.
  expect(windowOf({ scrollTop: 90_000, height: 600 }, even(3))).toEqual({ first: 0, end: 3 });
});
