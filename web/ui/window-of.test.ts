import { expect, test } from '@jest/globals';
import { windowOf } from './window-of.ts';

const list = { rowHeight: 100, count: 2_500 };

test('only rows in view and a few around them are drawn, wherever a list is scrolled to', () => {
  expect(windowOf({ scrollTop: 0, height: 600 }, list)).toEqual({ first: 0, end: 9 });
  expect(windowOf({ scrollTop: 100_050, height: 600 }, list)).toEqual({ first: 997, end: 1_010 });
  expect(windowOf({ scrollTop: 249_400, height: 600 }, list)).toEqual({ first: 2_491, end: 2_500 });
});

test('a short list is drawn whole, and an empty one not at all', () => {
  expect(windowOf({ scrollTop: 0, height: 600 }, { ...list, count: 2 })).toEqual({ first: 0, end: 2 });
  expect(windowOf({ scrollTop: 0, height: 600 }, { ...list, count: 0 })).toEqual({ first: 0, end: 0 });
  // It was longer when it was scrolled.
  expect(windowOf({ scrollTop: 90_000, height: 600 }, { ...list, count: 3 })).toEqual({ first: 0, end: 3 });
});
