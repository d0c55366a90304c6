import type { ErrorCode } from '../core/errors/codes.ts';

/**
 * Keeps the attempts that a provider refused together from coming back
 * together: each retry of this process is given a moment of its own, so many
 * milliseconds after the one before. Jitter alone spreads a hundred callers over
 * no more than its own second or two; a caller who is alone waits no longer.
 */
export type RetrySpacing = (code: ErrorCode, delayMs: number) => number;

interface RetrySpacingOptions {
  readonly now: () => number;
  readonly random: () => number;
}

/** What a provider says who has too many callers. */
const refusals: ReadonlySet<ErrorCode> = new Set(['PROVIDER_RATE_LIMITED', 'PROVIDER_OVERLOADED']);
const everyMs = 500;
/** Nobody is put off for longer; where the moments up to there are all taken, one of them is drawn. */
const longestMs = 30_000;

/** For all attempts of one process. `random` gives 0 to 1. */
export function createRetrySpacing({ now, random }: RetrySpacingOptions): RetrySpacing {
  const nextAt = new Map<ErrorCode, number>();
  return (code, delayMs) => {
    if (!refusals.has(code)) return delayMs;
    const due = now() + delayMs;
    const free = nextAt.get(code) ?? due;
    if (free - due > longestMs) return Math.round(delayMs + random() * longestMs);
    const at = Math.max(due, free);
    nextAt.set(code, at + everyMs);
    return Math.round(delayMs + at - due);
  };
}
