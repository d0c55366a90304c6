import { expect, test } from '@jest/globals';
import { createRateCheck } from './steady-rate.ts';

test.each<[string, string, number[], boolean]>([
  ['in order', '10', [0, 0.1, 0.2, 0.3], true],
  ['as they are stored', '10', [0, 0.3, 0.1, 0.2], true],
  ['rounded to milliseconds', '30000/1001', [0, 0.033, 0.067, 0.1, 0.133], true],
  ['with one missing', '10', [0, 0.1, 0.3], false],
  ['with one beside', '10', [0, 0.1, 0.24, 0.3], false],
  ['near the grid of a slow one', '4', [0, 0.04, 0.5, 0.51, 1], false],
  ['with one twice', '10', [0, 0.1, 0.1, 0.2], false],
  ['on the grid of a rate that is far too high', '1000', [0, 0.04, 0.5], false],
])('pictures %s at a rate of %s', (_how, rate, times, isSteady) => {
  const check = createRateCheck(rate, 7);
  for (const time of times) check.add(7 + time);
  expect(check.isSteady()).toBe(isSteady);
});
