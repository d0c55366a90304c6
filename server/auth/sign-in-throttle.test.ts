import type { Request } from 'express';
import { expect, test } from '@jest/globals';
import { createRateLimits } from '../limits/rate-limits.ts';
import { defaultApiRate, defaultRunStartRate, rateTable } from '../limits/limits.ts';
import { createSignInThrottle } from './sign-in-throttle.ts';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A throttle whose clock stands still. */
function throttleOf() {
  const rates = createRateLimits({
    table: rateTable({ apiRate: defaultApiRate, runStartRate: defaultRunStartRate }),
    // Each server counts by itself then.
    takeTokens: () => Promise.reject(new Error('away')),
    now: () => 0,
    logger,
  });
  const throttle = createSignInThrottle(rates);
  const from = (ip: string) => ({ ip }) as Request;
  /** How many of so many tries are let through. */
  const passes = async (count: number, tryOnce: (index: number) => Promise<unknown>) => {
    let passed = 0;
    for (let i = 0; i < count; i += 1) {
      passed += await tryOnce(i).then(
        () => 1,
        () => 0,
      );
    }
    return passed;
  };
  return { throttle, from, passes };
}

test('security case 9: guesses from the addresses of one IPv6 network are added up', async () => {
  const { throttle, from, passes } = throttleOf();
  const guess = (i: number) => throttle.stranger(from(`2001:db8:1:2::${i + 1}`), 'ada@example.com');
  expect(await passes(30, guess)).toBe(10);
  expect(await passes(1, () => throttle.stranger(from('::ffff:192.0.2.1'), 'ada@example.com'))).toBe(1);
});

test('security case 9: a wider network has a higher limit of its own', async () => {
  const { throttle, from, passes } = throttleOf();
  const guess = (i: number) => throttle.stranger(from(`2001:db8:1:${i.toString(16)}::1`), `somebody-${i}@example.com`);
  expect(await passes(600, guess)).toBe(400);
  expect(await passes(1, () => throttle.stranger(from('2001:db8:2::1'), 'ada@example.com'))).toBe(1);
});

test('security case 9: an account slows down guesses from everywhere, and never its own browsers', async () => {
  const { throttle, from, passes } = throttleOf();
  const guess = (i: number) => throttle.stranger(from(`198.51.100.${i}`), 'Ada@example.com');
  expect(await passes(80, guess)).toBe(50);
  await expect(guess(200)).rejects.toThrow('Or use a browser that you have signed in with before, or a sign-in link.');
  // Another account is no concern of theirs, and links name none.
  expect(await passes(1, () => throttle.stranger(from('198.51.100.201'), 'bob@example.com'))).toBe(1);
  expect(await passes(1, () => throttle.stranger(from('198.51.100.201'), null))).toBe(1);
  const own = () => throttle.known(from('198.51.100.1'), 'user_ada', 'browser x');
  await expect(own()).resolves.toEqual({ network: '198.51.100.1', account: 'user_ada', isKnown: true });
  // A browser that somebody else has got hold of guesses no faster.
  expect(await passes(30, own)).toBe(9);
});
