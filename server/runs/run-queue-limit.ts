import { LRUCache } from 'lru-cache';
import { RetryableError } from '../../core/errors/app-error.ts';
import type { Db } from '../../db/client.ts';
import { countUnfinishedRuns } from '../../db/queries/read-runs.ts';

/** Counting costs a statement, so a count is used for this long; in between, what is started here is added. */
const countAgeMs = 1_000;
/** Users whose counts are remembered. */
const maxUsers = 10_000;
/** A run takes seconds to minutes; asking again sooner is no use. */
const retryAfterMs = 5_000;

export interface RunQueueLimit {
  /** Counts one more run of the user. Throws RUN_QUEUE_FULL where there are `maxPerUser` unfinished ones already. */
  take(userId: string): Promise<void>;
}

/**
 * Keeps one user from filling the queue for all. Exact to a second: several
 * servers may together let a few more pass.
 */
export function createRunQueueLimit(options: {
  readonly db: Db;
  readonly maxPerUser: number;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
}): RunQueueLimit {
  const { db, maxPerUser, now } = options;
  const counts = new LRUCache<string, { count: number; readonly at: number }>({ max: maxUsers });

  return {
    take: async (userId) => {
      let known = counts.get(userId);
      if (known === undefined || now() - known.at > countAgeMs) {
        const at = now();
        known = { count: await countUnfinishedRuns(db, userId, maxPerUser), at };
        counts.set(userId, known);
      }
      if (known.count >= maxPerUser) {
        throw new RetryableError(
          'RUN_QUEUE_FULL',
          `You have ${maxPerUser} runs that are not finished, the most there may be. Wait for some to end, or cancel some.`,
          { retryAfterMs, details: { maxUnfinishedRuns: maxPerUser } },
        );
      }
      known.count += 1;
    },
  };
}
