import { lockMeasuring } from '../../../db/duties/lock.ts';
import { trimCachedOutputs } from '../../../db/outputs/trim.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { measureFinishedRuns as measureSome } from '../../../db/user-data/measure-runs.ts';
import type { Duty } from '../duty.ts';
import type { MeasureContext } from './measure-context.ts';

/** Runs in one statement: well under a second even where each has hundreds of nodes. */
const runsAtOnce = 100;

/** Runs that end are seen after their commit, so a look back over this time misses none. */
const lookBackMs = 10 * 60_000;

/** Of the quota; cached outputs come beside it and make room for themselves, oldest first. */
const cacheShare = 1 / 4;

/** Measures what finished runs keep and adds it up for their users, in one process at a time. */
export const measureFinishedRuns: Duty<MeasureContext> = {
  name: 'measure-finished-runs',
  everyMs: 0,
  run: async ({ pool, quota, now, progress, signal }) => {
    const startedAt = now();
    const users = new Set<string>();
    for (let count = runsAtOnce; count >= runsAtOnce && !signal.aborted;) {
      const measured = await inTransaction(pool, async (connection) =>
        (await lockMeasuring(connection)) ? measureSome(connection, progress.since, runsAtOnce) : null,
      );
      if (measured === null) return;
      count = measured.reduce((sum, { runs }) => sum + runs, 0);
      for (const { userId } of measured) users.add(userId);
    }
    progress.since = new Date(startedAt - lookBackMs);
    for (const userId of users) await trimCachedOutputs(pool, userId, quota.maxBytes * cacheShare);
  },
};
