import type pg from 'pg';
import { RetryableError } from '../../core/errors/app-error.ts';
import { countRunsWithoutTurn } from '../../db/runs/admit.ts';

/** Counting costs a statement, so a count is used for this long; in between, what is started here is added. */
const countAgeMs = 1_000;
/** A run takes seconds to minutes; asking again sooner is no use. */
const retryAfterMs = 5_000;

/** How many runs may wait for their turn. */
export interface RunQueueLimits {
  /** Waiting runs of one user. Held exactly. */
  readonly maxWaitingPerUser: number;
  /** Waiting runs of all users together. Held to about a second. */
  readonly maxWaiting: number;
}

/** Refuses runs where too many wait. */
export interface RunQueueLimit {
  /** Counts one more run. Throws RUN_QUEUE_FULL where the installation has no room for any. */
  take(): Promise<void>;
}

/** Keeps all users together from filling the database. */
export function createRunQueueLimit(options: {
  readonly pool: pg.Pool;
  readonly maxWaiting: number;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
}): RunQueueLimit {
  const { pool, maxWaiting, now } = options;
  let known: { count: number; readonly at: number } | undefined;
  /** Many starts at once wait for one count. */
  let counting: Promise<void> | undefined;

  async function count(): Promise<void> {
    const at = now();
    known = { at, count: await countRunsWithoutTurn(pool, maxWaiting) };
  }

  return {
    take: async () => {
      if (known === undefined || now() - known.at > countAgeMs) {
        await (counting ??= count().finally(() => (counting = undefined)));
      }
      if (known === undefined) throw new Error('A count that did not fail is known.');
      if (known.count >= maxWaiting) {
        throw new RetryableError(
          'RUN_QUEUE_FULL',
          `This installation has ${maxWaiting} waiting runs, the most there may be. Try again later.`,
          { retryAfterMs, details: { maxWaitingRuns: maxWaiting } },
        );
      }
      known.count += 1;
    },
  };
}

/** The answer to a user who has as many waiting runs as there may be. */
export function userQueueFull({
  maxActive,
  maxWaiting,
}: {
  readonly maxActive: number;
  readonly maxWaiting: number;
}): RetryableError {
  return new RetryableError(
    'RUN_QUEUE_FULL',
    `You have ${maxActive} runs under way and ${maxWaiting} that wait, the most there may be. Wait for some to end, or cancel some.`,
    { retryAfterMs, details: { maxActiveRuns: maxActive, maxWaitingRuns: maxWaiting } },
  );
}
