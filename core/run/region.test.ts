import { describe, expect, test } from '@jest/globals';
import { collectLaps, collectValues, mostFailed, openRegion, verdictOf } from './region.ts';

describe('how many parts may fail', () => {
  test.each([
    ['stop', undefined, 0],
    ['stop', { count: 5 }, 0],
    ['goOn', undefined, null],
    ['leaveOut', undefined, null],
    ['goOn', { count: 3 }, 3],
    ['leaveOut', { percent: 10 }, 1],
    ['leaveOut', { percent: 0 }, 0],
  ] as const)('%s, %j: %j of 19', (onError, failAbove, most) => {
    expect(mostFailed({ onError, ...(failAbove === undefined ? {} : { failAbove }) }, 19)).toBe(most);
  });
});

describe('what the laps of a loop come to', () => {
  const laps = (...given: readonly (string | null)[]) =>
    new Map(given.flatMap((output, lap) => (output === null ? [] : [[lap, { output, isLast: output === 'good' }]])));

  test.each([
    [['a', 'b', 'good'], 'condition', 'good'],
    [['a', 'b'], 'maximum', 'b'],
    [['a', null], 'noValue', 'a'],
  ] as const)('%j: %s', (given, ended, output) => {
    expect(collectLaps(laps(...given), given.length)).toEqual({
      output,
      laps: given.filter((lap) => lap !== null),
      ended,
    });
  });

  test('is nothing where the first gave no value', () => {
    expect(collectLaps(laps(null), 1)).toBeNull();
  });
});

describe('the list that a region puts out', () => {
  const valueAt = (index: number) => ['a', undefined, 'c'][index];

  test('keeps each place where it goes on', () => {
    expect(collectValues('goOn', 3, valueAt)).toEqual(['a', null, 'c']);
  });

  test.each(['leaveOut', 'stop'] as const)('has what is there only with %s', (onError) => {
    expect(collectValues(onError, 3, valueAt)).toEqual(['a', 'c']);
  });

  test('is empty for an empty list', () => {
    expect(collectValues('goOn', 0, valueAt)).toEqual([]);
    expect(verdictOf(openRegion({ total: 0, width: 8, mostFailed: null }))).toBe('collect');
  });
});
