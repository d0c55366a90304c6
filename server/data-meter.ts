import type pg from 'pg';
import type { DataQuota } from '../core/limits.ts';
import type { Logger } from '../core/node-type/executor.ts';
import { lockMeasuring } from '../db/duties/lock.ts';
import { measureFinishedRuns } from '../db/user-data/measure-runs.ts';
import { trimCachedOutputs } from '../db/outputs/trim.ts';
import { inTransaction } from '../db/transaction.ts';

export interface DataMeterOptions {
  readonly pool: pg.Pool;
  readonly quota: DataQuota;
  readonly logger: Logger;
  /** The clock, in ms. */
  readonly now: () => number;
  /** How often it looks. Default 5 s. */
  readonly intervalMs?: number;
}

export interface DataMeter {
  start(): void;
  /** Everything that has ended and was not measured yet, now. */
  measure(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs in one statement: well under a second even where each has hundreds of nodes. */
const runsAtOnce = 100;

/** Runs that end are seen after their commit, so a look back over this time misses none. */
const lookBackMs = 10 * 60_000;

/** Of the quota; cached outputs come beside it and make room for themselves, oldest first. */
const cacheShare = 1 / 4;

/**
 * Measures what finished runs keep and adds it up for their users, aside from
 * the work itself. One server of an installation at a time.
 */
export function createDataMeter(options: DataMeterOptions): DataMeter {
  const { pool, quota, logger, now, intervalMs = 5_000 } = options;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let isStopped = false;
  /** The first look goes over everything: another server may have left some, or an earlier version all. */
  let since: Date | null = null;

  async function measure(): Promise<void> {
    const startedAt = now();
    const users = new Set<string>();
    for (let count = runsAtOnce; count >= runsAtOnce && !isStopped;) {
      const measured = await inTransaction(pool, async (connection) =>
        (await lockMeasuring(connection)) ? measureFinishedRuns(connection, since, runsAtOnce) : null,
      );
      if (measured === null) return;
      count = measured.reduce((sum, { runs }) => sum + runs, 0);
      for (const { userId } of measured) users.add(userId);
    }
    since = new Date(startedAt - lookBackMs);
    for (const userId of users) await trimCachedOutputs(pool, userId, quota.maxBytes * cacheShare);
  }

  const measureNow = () => {
    working = working.then(measure).catch((error: unknown) => {
      if (!isStopped) logger.warn({ err: error }, 'could not measure what runs keep; the next look does');
    });
  };

  return {
    measure,
    start: () => {
      timer = setInterval(measureNow, intervalMs);
    },
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      await working;
    },
  };
}
