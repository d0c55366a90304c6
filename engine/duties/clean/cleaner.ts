import type pg from 'pg';
import { lockCleaning } from '../../../db/duties/lock.ts';
import { createDutyRunner, type DutyRunner } from '../duty-runner.ts';
import type { Duty } from '../duty.ts';
import type { CleanContext } from './clean-context.ts';
import { deleteOldOutputs } from './delete-old-outputs.ts';
import { deleteEndedWorkspaces } from './delete-ended-workspaces.ts';
import { deleteOldRuns } from './delete-old-runs.ts';
import { deleteUnheldLists } from './delete-unheld-lists.ts';
import { keepEventPeriods } from './keep-event-periods.ts';
import { deleteUnusedFiles } from './delete-unused-files.ts';
import { deleteUnusedVersions } from './delete-unused-versions.ts';

/*
 * The cleaner deletes what is past its time, in small steps with a pause after
 * each; one server of an installation at a time. What a duty deletes may be what
 * the last use of something further down the list was.
 */

const cleanDuties: readonly Duty<CleanContext>[] = [
  deleteEndedWorkspaces,
  deleteOldRuns,
  keepEventPeriods,
  deleteUnusedVersions,
  deleteOldOutputs,
  deleteUnheldLists,
  deleteUnusedFiles,
];

/** An hour. A server that has just come up has other things to do first. */
const hourMs = 3_600_000;
const defaultPauseMs = 50;

/** A cleaner for one server. `pauseMs`: default 50. */
export function createCleaner(dependencies: Omit<CleanContext, 'pauseMs'> & { readonly pauseMs?: number }): DutyRunner {
  return createDutyRunner({
    name: 'clean',
    duties: cleanDuties,
    context: { pauseMs: defaultPauseMs, ...dependencies },
    logger: dependencies.logger,
    everyMs: hourMs,
    firstAfterMs: hourMs,
    exclusively: (clean) => withCleaningLock(dependencies.pool, clean),
  });
}

async function withCleaningLock(pool: pg.Pool, clean: () => Promise<void>): Promise<boolean> {
  const guard = await pool.connect();
  try {
    await guard.query('begin');
    // The lock is held by a session that does nothing meanwhile.
    await guard.query('set local idle_in_transaction_session_timeout = 0');
    if (!(await lockCleaning(guard))) return false;
    await clean();
    return true;
  } finally {
    await guard.query('rollback').catch(() => {});
    guard.release();
  }
}
