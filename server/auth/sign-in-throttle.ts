import type { Request } from 'express';
import { RetryableError } from '../../core/errors/app-error.ts';
import type { RateLimits, RateName } from '../http/rate-limits.ts';

/**
 * Slows guessing down: tries count for one account from one address, and for
 * the address alone. The function that comes back throws RATE_LIMITED.
 */
export function createSignInThrottle(rates: RateLimits): (request: Request, email: string | null) => Promise<void> {
  async function take(name: RateName, key: string): Promise<void> {
    const waitMs = await rates.take(name, key);
    if (waitMs === null) return;
    throw new RetryableError(
      'RATE_LIMITED',
      `Too many sign-in attempts. Try again in ${Math.ceil(waitMs / 1_000)} seconds.`,
      { retryAfterMs: waitMs },
    );
  }

  return async (request, email) => {
    const address = request.ip ?? 'unknown';
    await take('signInAddress', address);
    if (email !== null) await take('signIn', `${email.toLowerCase()} ${address}`);
  };
}
