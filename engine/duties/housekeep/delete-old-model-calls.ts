import { deleteOldModelCalls } from '../../../db/model-calls/sums.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** Deletes what calls of models have cost more than a year ago. */
export const deleteOldCalls: Duty<HousekeepContext> = {
  name: 'delete-old-model-calls',
  everyMs: 0,
  run: ({ pool }) => deleteOldModelCalls(pool),
};
