import { LRUCache } from 'lru-cache';
import type { RateLimit } from './rate-table.ts';

/** Keys remembered at most; the least recently used is forgotten first. About 100 bytes each. */
const maxKeys = 50_000;

/** Buckets of tokens by key. */
export interface RateLimiter {
  /** Takes one token. Null when there was one, else milliseconds until the next one is there. */
  take(key: string): number | null;
}

/** Token buckets in the memory of one server. `now` is a clock in milliseconds that never goes back. */
export function createRateLimiter(limit: RateLimit, now: () => number): RateLimiter {
  const buckets = new LRUCache<string, { tokens: number; at: number }>({ max: maxKeys });

  function refill(key: string): { tokens: number; at: number } {
    const time = now();
    const bucket = buckets.get(key) ?? { tokens: limit.burst, at: time };
    bucket.tokens = Math.min(limit.burst, bucket.tokens + ((time - bucket.at) / 1_000) * limit.perSecond);
    bucket.at = time;
    return bucket;
  }

  const missing = (tokens: number) => (tokens >= 1 ? null : Math.ceil(((1 - tokens) / limit.perSecond) * 1_000));

  return {
    take: (key) => {
      const bucket = refill(key);
      buckets.set(key, bucket);
      const wait = missing(bucket.tokens);
      if (wait === null) bucket.tokens -= 1;
      return wait;
    },
  };
}
