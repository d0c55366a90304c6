import { describe, expect, test } from '@jest/globals';
import type { Allowance } from '../core/node-type/call-limits.ts';
import { learnedLimit } from './learned-limits.ts';

const requests = (left: number, more: Partial<Allowance> = {}): Allowance => ({
  of: 'requests',
  left,
  limit: 60,
  resetMs: 60_000,
  refills: true,
  ...more,
});

describe('what is learned from an answer', () => {
  test.each([
    [
      'a bucket fills up one by one',
      [requests(0)],
      null,
      { calls: 0, waitMs: 1_000, untilMs: 60_000, refillMs: 1_000 },
    ],
    [
      'a window ends as a whole',
      [requests(0, { refills: false })],
      null,
      { calls: 0, waitMs: 60_000, untilMs: 60_000, refillMs: null },
    ],
    ['calls that are left', [requests(5)], null, { calls: 5, waitMs: 1_091, untilMs: 60_000, refillMs: 1_091 }],
    [
      'tokens are counted in calls like this one',
      [requests(50), { of: 'tokens', left: 2_500, limit: 10_000, resetMs: 45_000, refills: true }],
      1_000,
      { calls: 2, waitMs: 6_000, untilMs: 45_000, refillMs: 6_000 },
    ],
    [
      'too few tokens for another one',
      [{ of: 'tokens', left: 400, limit: 10_000, resetMs: 57_600, refills: true }],
      1_000,
      { calls: 0, waitMs: 3_600, untilMs: 57_600, refillMs: 6_000 },
    ],
    [
      'the longer of two waits',
      [requests(0), requests(0, { refills: false, resetMs: 5_000 })],
      null,
      { calls: 0, waitMs: 5_000, untilMs: 5_000, refillMs: null },
    ],
    [
      'none left, and no time',
      [requests(0, { resetMs: null, limit: null })],
      null,
      { calls: 0, waitMs: 2_000, untilMs: 2_000, refillMs: null },
    ],
    ['some left, and no time', [requests(3, { resetMs: null })], null, null],
    ['the quota of a day is said by the refusal', [requests(0, { refills: false, resetMs: 40_000_000 })], null, null],
    ['nothing', [], 5, null],
  ] as [string, Allowance[], number | null, unknown][])('%s', (_, allowances, tokens, expected) => {
    expect(learnedLimit(allowances, tokens)).toEqual(expected);
  });
});
