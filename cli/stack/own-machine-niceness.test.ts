import { expect, test } from '@jest/globals';
import { nicenessOn } from './own-machine-niceness.ts';

test('a stack that only its own machine reaches steps back, unless it is told otherwise', () => {
  expect(nicenessOn('127.0.0.1', null)).toBe(10);
  expect(nicenessOn('127.0.0.1', 0)).toBe(0);
});

test('a stack that others reach does not, unless it is told to', () => {
  expect(nicenessOn('0.0.0.0', null)).toBe(0);
  expect(nicenessOn('0.0.0.0', 5)).toBe(5);
});
