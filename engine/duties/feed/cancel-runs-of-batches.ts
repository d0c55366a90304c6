import { listRunsOfCancelledBatches } from '../../../db/batches/feed.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type FeedContext } from './feed-context.ts';

/** Cancels what is under way of batches that were canceled. */
export const cancelRunsOfBatches: Duty<FeedContext> = {
  name: 'cancel-runs-of-batches',
  everyMs: 0,
  run: async ({ pool, starter }) => {
    for (const runId of await listRunsOfCancelledBatches(pool, batchSize)) await starter.cancel(runId);
  },
};
