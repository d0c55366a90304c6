import { deleteUnusedVersionsOfWorkflow } from '../../../db/workflows/delete-unused-versions.ts';
import type { Duty } from '../duty.ts';
import { forEveryWorkflow, type CleanContext } from './clean-context.ts';

/** Deletes frozen graphs that no run uses any more; young ones stay, a run may be about to use them. */
export const deleteUnusedVersions: Duty<CleanContext> = {
  name: 'delete-unused-versions',
  everyMs: 0,
  run: async (context) => {
    const { pool, logger } = context;
    const versions = await forEveryWorkflow(context, (workflowId) => deleteUnusedVersionsOfWorkflow(pool, workflowId));
    if (versions > 0) logger.info({ versions }, 'deleted graphs that no run uses any more');
  },
};
