import { deleteOldCachedOutputs } from '../../../db/outputs/delete-old.ts';
import type { Duty } from '../duty.ts';
import { drain, type CleanContext } from './clean-context.ts';

const outputsAtOnce = 1_000;

/** Deletes cached outputs that are older than the runs that are kept. */
export const deleteOldOutputs: Duty<CleanContext> = {
  name: 'delete-old-outputs',
  everyMs: 0,
  run: async (context) => {
    const { pool, retention, logger } = context;
    const { days } = retention;
    if (days === null) return;
    const outputs = await drain(context, outputsAtOnce, () => deleteOldCachedOutputs(pool, days, outputsAtOnce));
    if (outputs > 0) logger.info({ outputs }, 'deleted cached outputs that are past their time');
  },
};
