import { sweepBlobs } from '../../../assets/sweep-blobs.ts';
import type { Duty } from '../duty.ts';
import type { CleanContext } from './clean-context.ts';

/** Deletes files that no row refers to, a day after they came. */
export const deleteUnusedFiles: Duty<CleanContext> = {
  name: 'delete-unused-files',
  everyMs: 0,
  run: async ({ store, rows, logger, signal }) => {
    const files = await sweepBlobs({ store, rows, now: Date.now, signal });
    if (files > 0) logger.info({ files }, 'deleted files that nothing refers to');
  },
};
