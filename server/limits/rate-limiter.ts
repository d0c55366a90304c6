import { LRUCache } from 'lru-cache';
import type { RateLimit } from './rate-table.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

/** Keys remembered at most; the least recently used is forgotten first. Some hundred bytes each. */
const maxKeys = 50_000;

/** Buckets of tokens by key. */
export interface RateLimiter {
  /** Takes one token. Null when there was one, else milliseconds until the next one is there. */
  take(key: string): number | null;
}

/** Token buckets in the memory of one server. `now` is a clock in milliseconds that never goes back. */
export function createRateLimiter(limit: RateLimit, now: () => number): RateLimiter {
  const buckets = new LRUCache<string, TokenBucket>({ max: maxKeys });
  return {
    take: (key) => {
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        bucket = createTokenBucket(limit, now);
        buckets.set(key, bucket);
      }
      return bucket.take();
    },
  };
}
