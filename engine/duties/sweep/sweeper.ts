import { lockSweep } from '../../../db/duties/lock.ts';
import { quickAnswerMs } from '../../../db/statement.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { createDutyRunner, type DutyRunner } from '../duty-runner.ts';
import type { Duty } from '../duty.ts';
import { admitRuns } from './admit-runs.ts';
import { advanceStaleRegions } from './advance-regions.ts';
import { beginForgottenRuns } from './begin-forgotten-runs.ts';
import { checkInvariants } from './check-invariants.ts';
import { endLateAttempts } from './end-late-attempts.ts';
import { endDueWaits } from './end-due-waits.ts';
import { endLateRuns } from './end-late-runs.ts';
import { endOrphanedParts } from './end-orphaned-parts.ts';
import { expireSessions } from './expire-sessions.ts';
import { deleteOldSessions } from './delete-old-sessions.ts';
import { markRestingRuns } from './mark-resting-runs.ts';
import { reconcileQueue } from './reconcile-queue.ts';
import { rescueAttempts } from './rescue-attempts.ts';
import { createSweepContext, type SweepContext, type SweeperDependencies } from './sweep-context.ts';

/*
 * The sweeper makes good what a crash or a lost message left behind. It runs in
 * every server and every worker; an advisory lock lets one of them work at a
 * time.
 */

const sweepDuties: readonly Duty<SweepContext>[] = [
  expireSessions,
  rescueAttempts,
  endLateAttempts,
  endDueWaits,
  markRestingRuns,
  endLateRuns,
  endOrphanedParts,
  advanceStaleRegions,
  admitRuns,
  beginForgottenRuns,
  reconcileQueue,
  deleteOldSessions,
  checkInvariants,
];

/**
 * A sweeper for one process. It begins at once: a queue that is new is marked before there is work in it, and is not
 * taken for one that was emptied.
 */
export function createSweeper(dependencies: SweeperDependencies): DutyRunner {
  const { pool, logger, times } = dependencies;
  return createDutyRunner({
    name: 'sweep',
    duties: sweepDuties,
    context: createSweepContext(dependencies),
    logger,
    everyMs: times.intervalMs,
    // The lock lives as long as this transaction; the work uses other connections.
    exclusively: (sweep) =>
      inTransaction(
        pool,
        async (connection) => {
          if (!(await lockSweep(connection))) return false;
          await sweep();
          return true;
        },
        quickAnswerMs,
      ),
  });
}
