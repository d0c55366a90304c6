import { expect, test } from '@jest/globals';
import { spanOf, withEnd, writtenAs } from './time-span.ts';

test.each<[unknown, unknown, number, number]>([
  ['0', '100%', 0, 8],
  ['25%', '0:06.5', 2, 6.5],
  ['3', '12', 3, 8],
  ['soon', undefined, 0, 8],
  ['6', '2', 6, 6],
])('from %j to %j of eight seconds is from %d to %d', (from, to, first, last) => {
  expect(spanOf({ from, to }, 8)).toEqual({ from: first, to: last });
});

test('an end stays within the whole, and keeps a frame from the other one', () => {
  const span = { from: 2, to: 4 };
  expect(withEnd(span, 'from', -1, 8)).toEqual({ from: 0, to: 4 });
  expect(withEnd(span, 'from', 5, 8)).toEqual({ from: 3.96, to: 4 });
  expect(withEnd(span, 'to', 1, 8)).toEqual({ from: 2, to: 2.04 });
  expect(withEnd(span, 'to', 99, 8)).toEqual({ from: 2, to: 8 });
  expect(withEnd(span, 'to', 3.00049, 8)).toEqual({ from: 2, to: 3 });
});

test('the end of all is written so that it stays the end', () => {
  expect([writtenAs(8, 8), writtenAs(7.9999, 8), writtenAs(1.25, 8), writtenAs(0, 8)]).toEqual([
    '100%',
    '100%',
    '1.25',
    '0',
  ]);
});
