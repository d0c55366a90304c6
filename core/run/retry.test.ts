import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RetryableError, TerminalError } from '../errors/app-error.ts';
import { defaultRetryPolicy, retryDelayMs, type RetryPolicy } from './retry.ts';

const policy: RetryPolicy = { maxTries: 8, baseDelayMs: 1_000, maxDelayMs: 10_000, maxRetryAfterMs: 60_000 };
const almostOne = 1 - Number.EPSILON;

function overloaded(retryAfterMs?: number): RetryableError {
  return new RetryableError('PROVIDER_OVERLOADED', 'The provider is overloaded.', { retryAfterMs });
}

describe('the wait before another try', () => {
  test.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [4, 8_000],
    [5, 10_000],
    [6, 10_000],
    [7, 10_000],
  ])('after try %i is anything from nothing up to %i ms', (tries, bound) => {
    expect(retryDelayMs(overloaded(), tries, policy, () => 0)).toBe(0);
    expect(retryDelayMs(overloaded(), tries, policy, () => 0.5)).toBe(bound / 2);
    expect(retryDelayMs(overloaded(), tries, policy, () => almostOne)).toBe(bound);
  });

  test('starts no earlier than the provider asked for, and is spread after it', () => {
    expect(retryDelayMs(overloaded(30_000), 1, policy, () => 0)).toBe(30_000);
    expect(retryDelayMs(overloaded(30_000), 1, policy, () => 0.5)).toBe(30_500);
    expect(retryDelayMs(overloaded(60_000), 1, policy, () => 0)).toBe(60_000);
  });

  test.each([-5_000, 0, Number.NaN, undefined])('is not shortened by a Retry-After of %p', (retryAfterMs) => {
    expect(retryDelayMs(overloaded(retryAfterMs), 1, policy, () => 0.5)).toBe(500);
  });

  test('is a whole number of milliseconds within its bounds, for any draw', () => {
    const draws = fc.record({
      tries: fc.integer({ min: 1, max: 7 }),
      draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      asked: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(draws, ({ tries, draw, asked }) => {
        const delay = retryDelayMs(overloaded(asked), tries, policy, () => draw)!;
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(asked ?? 0);
        expect(delay).toBeLessThanOrEqual((asked ?? 0) + Math.min(10_000, 1_000 * 2 ** (tries - 1)));
      }),
    );
  });

  test('stays within the longest one however many tries there are', () => {
    const patient = { ...policy, maxTries: 5_000 };
    expect(retryDelayMs(overloaded(), 4_000, patient, () => almostOne)).toBe(10_000);
  });
});

describe('there is no other try', () => {
  test('after a terminal error', () => {
    expect(retryDelayMs(new TerminalError('PROVIDER_AUTH', 'No.'), 1, policy, () => 0)).toBeNull();
  });

  test('once the tries are used up: three by default', () => {
    const delays = [1, 2, 3, 4].map((tries) => retryDelayMs(overloaded(), tries, defaultRetryPolicy, () => almostOne));
    expect(delays).toEqual([1_000, 2_000, null, null]);
  });

  test('where the provider asks for a longer wait than is allowed', () => {
    expect(retryDelayMs(overloaded(60_001), 1, policy, () => 0)).toBeNull();
    expect(retryDelayMs(overloaded(Infinity), 1, policy, () => 0)).toBeNull();
    expect(retryDelayMs(overloaded(600_000), 1, defaultRetryPolicy, () => 0)).toBe(600_000);
  });
});
