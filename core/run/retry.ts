import { RetryableError, type TerminalError } from '../errors/app-error.ts';

/** How often an attempt is repeated, and after which waits. */
export interface RetryPolicy {
  /** Attempts in all, crashes not counted. */
  readonly maxTries: number;
  /** The longest wait before the second try, in milliseconds; it doubles with each one. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** A provider that asks for a longer wait than this is not waited for. */
  readonly maxRetryAfterMs: number;
}

/** Three tries; jittered waits of up to 1 s and 2 s; a provider may ask for ten minutes. */
export const defaultRetryPolicy: RetryPolicy = {
  maxTries: 3,
  baseDelayMs: 1_000,
  maxDelayMs: 60_000,
  maxRetryAfterMs: 600_000,
};

/**
 * How long to wait before trying again, in milliseconds, or null where trying
 * again is no use: a terminal error, tries used up, or too long a wait asked for.
 *
 * Full jitter (a uniform draw between nothing and the exponential bound) spreads
 * callers that failed together; what the provider asks for is a floor under it.
 *
 * @param tries tries so far, the failed one included, crashes not counted
 * @param random uniform in [0, 1)
 */
export function retryDelayMs(
  error: TerminalError | RetryableError,
  tries: number,
  policy: RetryPolicy,
  random: () => number,
): number | null {
  if (!(error instanceof RetryableError) || tries >= policy.maxTries) return null;
  const asked = error.retryAfterMs ?? 0;
  // A moment in the past (or nonsense) asks for nothing.
  const floor = asked > 0 ? asked : 0;
  if (floor > policy.maxRetryAfterMs) return null;
  const bound = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (tries - 1));
  return Math.round(floor + random() * bound);
}
