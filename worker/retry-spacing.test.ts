import { describe, expect, test } from '@jest/globals';
import { createRetrySpacing } from './retry-spacing.ts';

function spacing() {
  const clock = { ms: 0 };
  return { clock, space: createRetrySpacing({ now: () => clock.ms, random: () => 0.5 }) };
}

describe('retries of one process', () => {
  test('after refusals at the same moment come one by one', () => {
    const { space } = spacing();
    expect([1_000, 1_000, 1_000].map((delay) => space('PROVIDER_RATE_LIMITED', delay))).toEqual([1_000, 1_500, 2_000]);
  });

  test('are never earlier than what was asked for, in whatever order they are refused', () => {
    const { space } = spacing();
    for (const delay of [5_000, 100, 3_000, 5_000, 0]) {
      expect(space('PROVIDER_OVERLOADED', delay)).toBeGreaterThanOrEqual(delay);
    }
  });

  test('of a caller who is alone are not put off', () => {
    const { clock, space } = spacing();
    expect(space('PROVIDER_RATE_LIMITED', 200)).toBe(200);
    clock.ms = 10_000;
    expect(space('PROVIDER_RATE_LIMITED', 200)).toBe(200);
  });

  test('of other failures are left as they are', () => {
    const { space } = spacing();
    expect([7, 7].map((delay) => space('STORAGE_FULL', delay))).toEqual([7, 7]);
  });

  test('are put off by half a minute at most, and spread within it', () => {
    const { space } = spacing();
    const delays = Array.from({ length: 200 }, () => space('PROVIDER_RATE_LIMITED', 0));
    expect(Math.max(...delays)).toBeLessThanOrEqual(30_000);
    expect(delays.at(-1)).toBe(15_000);
  });
});
