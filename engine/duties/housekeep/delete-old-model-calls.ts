import { deleteOldProviderClocks } from '../../../db/model-calls/clock.ts';
import { deleteOldModelCalls } from '../../../db/model-calls/sums.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** Deletes what calls of models have cost more than a year ago, and clocks of providers that nobody waits for. */
export const deleteOldCalls: Duty<HousekeepContext> = {
  name: 'delete-old-model-calls',
  everyMs: 0,
  run: async ({ pool }) => {
    await deleteOldModelCalls(pool);
    await deleteOldProviderClocks(pool);
  },
};
