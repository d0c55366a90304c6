import type { Allowance } from '../core/node-type/call-limits.ts';

/** How many more calls like the last one a provider takes of a key and model. */
export interface LearnedLimit {
  readonly calls: number;
  /** Milliseconds until another call may be made where there are none left. */
  readonly waitMs: number;
  /** For so long what is known of it holds, in milliseconds. */
  readonly untilMs: number;
  /** Milliseconds between two calls once none are left, where they come back one by one; null: all at once. */
  readonly refillMs: number | null;
}

/** Where no time is named, the next call tells more. */
const unknownMs = 2_000;
/** A quota that takes longer is one of the day: the provider says so itself, and a node that waits for it only seems to hang. */
const longestMs = 10 * 60_000;

/**
 * The tightest of what an answer says. `tokens`: what its call has used, which the next one is taken to need as well; null:
 * not known. Null: nothing that is of use.
 */
export function learnedLimit(allowances: readonly Allowance[], tokens: number | null): LearnedLimit | null {
  let tightest: LearnedLimit | null = null;
  for (const allowance of allowances) {
    const each = limitOf(allowance, allowance.of === 'requests' ? 1 : Math.max(1, tokens ?? 1));
    if (each === null || each.waitMs > longestMs) continue;
    const isTighter =
      tightest === null ||
      each.calls < tightest.calls ||
      (each.calls === tightest.calls && each.waitMs > tightest.waitMs);
    if (isTighter) tightest = each;
  }
  return tightest;
}

function limitOf({ left, limit, resetMs, refills }: Allowance, need: number): LearnedLimit | null {
  const calls = Math.floor(left / need);
  if (resetMs === null) return calls > 0 ? null : { calls, waitMs: unknownMs, untilMs: unknownMs, refillMs: null };
  if (!refills || limit === null || limit <= left) return { calls, waitMs: resetMs, untilMs: resetMs, refillMs: null };
  // So much comes back in a millisecond.
  const rate = (limit - left) / Math.max(1, resetMs);
  const wait = calls > 0 ? need / rate : Math.min(resetMs, (need - left) / rate);
  return { calls, waitMs: Math.ceil(wait), untilMs: resetMs, refillMs: Math.ceil(Math.min(resetMs, need / rate)) };
}
