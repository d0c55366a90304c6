import { describe, expect, test } from '@jest/globals';
import {
  cancelledMark,
  closeRegion,
  collectLaps,
  collectValues,
  makeParts,
  mostFailed,
  openRegion,
  retryParts,
  roomOf,
  settlePart,
  verdictOf,
  verdictOfDriver,
} from './region.ts';

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

describe('elements that failed and are gone through again', () => {
  const opened = openRegion({ total: 3, width: 2, mostFailed: 1 });
  const failed = settlePart(settlePart(makeParts(opened, 2), 'FAILED'), 'COMPLETED');

  test('come before all others, within the same window', () => {
    const asked = retryParts(failed, 1);
    expect(asked).toMatchObject({ failed: 0, again: 1, next: 2 });
    expect(roomOf(asked)).toBe(2);
    expect(makeParts(asked, 1)).toMatchObject({ again: 0, next: 2, unfinished: 1 });
    expect(makeParts(asked, 2)).toMatchObject({ again: 0, next: 3, unfinished: 2 });
  });

  test('keep the region from its end, and let one that had stopped go on', () => {
    const last = settlePart(makeParts(failed, 1), 'FAILED');
    expect(verdictOf(last)).toBe('fail');
    const asked = retryParts(last, 2);
    expect(verdictOf(asked)).toBe('wait');
    expect(verdictOf(settlePart(settlePart(makeParts(asked, 2), 'COMPLETED'), 'COMPLETED'))).toBe('collect');
  });

  test('have failed after all where it comes to none, and are not asked for where it was cancelled', () => {
    expect(closeRegion(retryParts(failed, 1))).toEqual(failed);
    // Also where an earlier release closed it: its driver does not wait for them.
    const left = retryParts({ ...failed, mostFailed: null, next: failed.total, unfinished: 0 }, 1);
    expect([verdictOfDriver(left, false), verdictOfDriver(left, true)]).toEqual(['wait', 'collect']);
    const cancelled = { ...failed, mostFailed: cancelledMark };
    expect(retryParts(cancelled, 1)).toBe(cancelled);
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
