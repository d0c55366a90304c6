import { findLeftEvents } from '../../../db/run-events/drop-periods.ts';
import { deleteOldRunsOfWorkflow } from '../../../db/runs/delete-old.ts';
import type { Duty } from '../duty.ts';
import { drain, forEveryWorkflow, type CleanContext } from './clean-context.ts';

/** Runs in one statement: with their nodes and events, and without their parts, some ten thousand rows at most, well under a second. */
const runsAtOnce = 100;

/** Deletes finished runs that are past the retention, with their nodes; their events too, or at the end of their period. */
export const deleteOldRuns: Duty<CleanContext> = {
  name: 'delete-old-runs',
  everyMs: 0,
  run: async (context) => {
    const { pool, retention, logger } = context;
    if (retention.days === null && retention.perWorkflow === null) return;
    const left = retention.days === null ? null : await findLeftEvents(pool, retention.days);
    const runs = await forEveryWorkflow(context, (workflowId) =>
      drain(context, runsAtOnce, () => deleteOldRunsOfWorkflow(pool, workflowId, retention, runsAtOnce, left)),
    );
    if (runs > 0) logger.info({ runs }, 'deleted runs, and parts of runs, that are past their time');
  },
};
