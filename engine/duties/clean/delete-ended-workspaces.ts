import { deleteEndedWorkspace, deleteRunsOfWorkspace, listEndedWorkspaces } from '../../../db/workspaces/delete.ts';
import type { Duty } from '../duty.ts';
import { drain, type CleanContext } from './clean-context.ts';

/** Runs in one statement: with their nodes and events some ten thousand rows at most. */
const runsAtOnce = 100;

/** Deletes workspaces that were deleted a week ago, with all that belongs to them; their files go with the unused ones. */
export const deleteEndedWorkspaces: Duty<CleanContext> = {
  name: 'delete-ended-workspaces',
  everyMs: 0,
  run: async (context) => {
    const { pool, logger } = context;
    for (const id of await listEndedWorkspaces(pool)) {
      await drain(context, runsAtOnce, () => deleteRunsOfWorkspace(pool, id, runsAtOnce));
      if (await deleteEndedWorkspace(pool, id)) logger.info({ workspaceId: id }, 'deleted a workspace for good');
    }
  },
};
