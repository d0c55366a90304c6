import type { RateLimit } from './rate-table.ts';

/** Tokens of one who is limited. */
export interface TokenBucket {
  /** Takes one token. Null when there was one, else milliseconds until the next one is there. */
  take(): number | null;
}

/** A full bucket. `now` is a clock in milliseconds that never goes back. */
export function createTokenBucket({ burst, perSecond }: RateLimit, now: () => number): TokenBucket {
  let tokens = burst;
  let at = now();
  return {
    take: () => {
      const time = now();
      tokens = Math.min(burst, tokens + ((time - at) / 1_000) * perSecond);
      at = time;
      if (tokens < 1) return Math.ceil(((1 - tokens) / perSecond) * 1_000);
      tokens -= 1;
      return null;
    },
  };
}
