import { beginRuns } from '../../../db/runs/begin.ts';
import { listRunsNotBegun } from '../../../db/runs/list-overdue.ts';
import { noticesOf } from '../../announce.ts';
import { jobsOf } from '../../jobs-of.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type SweepContext } from './sweep-context.ts';

/** Begins runs that have their turn and that no orchestrator job has begun. */
export const beginForgottenRuns: Duty<SweepContext> = {
  name: 'begin-forgotten-runs',
  everyMs: 0,
  run: async ({ pool, queue, notices, times, enqueue }) => {
    const runIds = await listRunsNotBegun(pool, times.overdueMs, batchSize);
    if (runIds.length === 0) return;
    await enqueue(() => queue.addRuns(runIds));
    // An orchestrator job that died with its worker is offered again only after its lock; the runs need not wait for that.
    const { runs, ready } = await beginRuns(pool, runIds);
    await notices.publish(noticesOf(runs));
    await enqueue(() => queue.addNodes(jobsOf(ready)));
  },
};
