import { deleteUnheldLists as deleteLists } from '../../../db/assets/lists.ts';
import type { Duty } from '../duty.ts';
import { drain, type CleanContext } from './clean-context.ts';

const listsAtOnce = 500;

/** Deletes lists in files that no run names any more; their bytes are left to what deletes unused files. */
export const deleteUnheldLists: Duty<CleanContext> = {
  name: 'delete-unheld-lists',
  everyMs: 0,
  run: async (context) => {
    const { pool, logger } = context;
    const lists = await drain(context, listsAtOnce, () => deleteLists(pool, listsAtOnce));
    if (lists > 0) logger.info({ lists }, 'deleted lists that no run holds any more');
  },
};
