import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { RetryableError } from '../../core/errors/app-error.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import { takeRateTokens } from '../../db/rate-buckets/take.ts';
import type { QueueBackend, TakeTokens } from '../../queue/backend.ts';
import { networksOf } from './networks.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';
import type { RateLimit, RateName, RateTable } from './rate-table.ts';

/** The one door to rate limits: buckets that all servers of an installation share. */
export interface RateLimits {
  /** Takes one token. Null when there was one, else milliseconds until the next one is there. */
  take(name: RateName, key: string): Promise<number | null>;
  /** The same for whoever has an address: of an IPv6 address its networks are counted. `of` tells apart what else it is about. */
  takeFrom(name: RateName, address: string, of?: string): Promise<number | null>;
}

/** Throws RATE_LIMITED where there was no token. */
export function limit(waitMs: number | null): void {
  if (waitMs === null) return;
  throw new RetryableError('RATE_LIMITED', `Too many requests. Try again in ${Math.ceil(waitMs / 1_000)} s.`, {
    retryAfterMs: waitMs,
  });
}

/** Buckets where the queue is, if that is good for them, else in Postgres. */
export function sharedBuckets({ takeTokens }: Pick<QueueBackend, 'takeTokens'>, pool: pg.Pool): TakeTokens {
  return takeTokens ?? ((bucket) => takeRateTokens(pool, bucket));
}

/** Where tokens are kept, and what stands in while that is away. */
export interface RateLimitsOptions {
  readonly table: RateTable;
  readonly takeTokens: TakeTokens;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * A server fetches tokens of busy buckets in blocks of this share of the burst,
 * so that most requests cost no round trip. What it does not use within
 * `leaseMs` is lost, never granted twice.
 */
const blockShare = 1 / 100;
const leaseMs = 1_000;
/** Keys remembered at most; the least recently used is forgotten first. */
const maxKeys = 50_000;
/** How long a server counts alone after the shared buckets did not answer. */
const aloneMs = 5_000;
/** An answer takes a millisecond; requests must not hang on one that does not come. */
const answerMs = 1_000;

interface Lease {
  tokens: number;
  readonly until: number;
  /** Nothing was left: what to answer until then, without asking again. */
  readonly emptyUntil: number;
}

/** Takes tokens where all servers share them, and from its own memory while that is away. */
export function createRateLimits({ table, takeTokens, now, logger }: RateLimitsOptions): RateLimits {
  const leases = new LRUCache<string, Lease>({ max: maxKeys });
  const fetching = new Map<string, Promise<void>>();
  // While the shared buckets are away each server limits on its own: neither open to floods nor closed to everybody.
  const own = new Map<string, RateLimiter>();
  let aloneUntil = Number.NEGATIVE_INFINITY;

  async function fetchTokens(key: string, limit: RateLimit): Promise<void> {
    const wanted = Math.max(1, Math.floor(limit.burst * blockShare));
    try {
      const { granted, waitMs } = await inTime(takeTokens({ key, limit, wanted }));
      const time = now();
      leases.set(key, { tokens: granted, until: time + leaseMs, emptyUntil: granted > 0 ? 0 : time + waitMs });
    } catch (error) {
      if (now() >= aloneUntil) logger.warn({ err: error }, 'the shared rate limits cannot be reached; counting alone');
      aloneUntil = now() + aloneMs;
    }
  }

  function takeAlone(name: RateName, subject: string, share: number): number | null {
    const of = `${name} ${share}`;
    const limiter = own.get(of) ?? createRateLimiter(timesAsMuch(table[name], share), now);
    own.set(of, limiter);
    return limiter.take(subject);
  }

  async function take(name: RateName, subject: string, share = 1): Promise<number | null> {
    const key = `${name}:${subject}`;
    const bucket = timesAsMuch(table[name], share);
    for (;;) {
      const time = now();
      if (time < aloneUntil) return takeAlone(name, subject, share);
      const lease = leases.get(key);
      if (lease !== undefined && lease.emptyUntil > time) return Math.ceil(lease.emptyUntil - time);
      if (lease !== undefined && lease.until > time && lease.tokens > 0) {
        lease.tokens -= 1;
        return null;
      }
      let pending = fetching.get(key);
      if (pending === undefined) {
        pending = fetchTokens(key, bucket).finally(() => fetching.delete(key));
        fetching.set(key, pending);
      }
      await pending;
    }
  }

  return {
    take: (name, subject) => take(name, subject),
    takeFrom: async (name, address, of) => {
      // The narrowest first: what it refuses is not taken from its neighbors.
      for (const { key, share } of networksOf(address)) {
        const waitMs = await take(name, of === undefined ? key : `${of} ${key}`, share);
        if (waitMs !== null) return waitMs;
      }
      return null;
    },
  };
}

function timesAsMuch({ burst, perSecond }: RateLimit, share: number): RateLimit {
  return { burst: burst * share, perSecond: perSecond * share };
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${answerMs} ms`)), answerMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
