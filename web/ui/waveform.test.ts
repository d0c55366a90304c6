import { describe, expect, test } from '@jest/globals';
import { barsOf } from './waveform.ts';

describe('the bars of a waveform', () => {
  test('are the loudest peak of each stretch, measured by the loudest of all', () => {
    expect(barsOf([10, 100, 0, 50, 200, 20], 3)).toEqual([0.5, 0.25, 1]);
  });

  test('are seen in silence, and where there are fewer peaks than bars', () => {
    expect(barsOf([0, 0, 0, 0], 2)).toEqual([0.04, 0.04]);
    expect(barsOf([255, 51], 4)).toEqual([1, 1, 0.2, 0.2]);
    expect(barsOf([], 3)).toEqual([0.04, 0.04, 0.04]);
  });
});
