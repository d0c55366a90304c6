import type { Request } from 'express';
import { RetryableError } from '../../core/errors/app-error.ts';
import { networkOf } from '../limits/networks.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Asker } from './hashing-turns.ts';

/** Slows guessing down. Each gives whose turn it is to have a password hashed, or throws RATE_LIMITED. */
export interface SignInThrottle {
  /**
   * Somebody whom nothing speaks for: tries count for the network, for the account from it, and for the account from
   * everywhere. Null: no account is named.
   */
  stranger(request: Request, email: string | null): Promise<Asker>;
  /** A browser, session or link that is the account's own; tries count for it alone, whatever others do. */
  known(request: Request, account: string, credential: string): Promise<Asker>;
}

/** Counts in the shared rates, so that tries at all servers count together. */
export function createSignInThrottle(rates: RateLimits): SignInThrottle {
  function check(waitMs: number | null, isOfAccount = false): void {
    if (waitMs === null) return;
    const way = isOfAccount ? ' Or use a browser that you have signed in with before, or a sign-in link.' : '';
    throw new RetryableError(
      'RATE_LIMITED',
      `Too many sign-in attempts. Try again in ${Math.ceil(waitMs / 1_000)} seconds.${way}`,
      { retryAfterMs: waitMs },
    );
  }

  return {
    stranger: async (request, email) => {
      const address = request.ip ?? 'unknown';
      check(await rates.takeFrom('signInAddress', address));
      const account = email?.toLowerCase() ?? null;
      if (account !== null) {
        check(await rates.takeFrom('signIn', address, account));
        check(await rates.take('signInAccount', account), true);
      }
      const network = networkOf(address);
      return { network, account: account ?? network, isKnown: false };
    },
    known: async (request, account, credential) => {
      check(await rates.take('signIn', `${account} by ${credential}`));
      return { network: networkOf(request.ip ?? 'unknown'), account, isKnown: true };
    },
  };
}
