import { finishBatches, settleBatchRows } from '../../../db/batches/feed.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type FeedContext } from './feed-context.ts';

/** Writes down how the runs of rows have ended, and ends batches of which no row is left. */
export const settleBatches: Duty<FeedContext> = {
  name: 'settle-batches',
  everyMs: 0,
  run: async ({ pool, now, signal, onRows }) => {
    for (let settled = batchSize; settled === batchSize && !signal.aborted;) {
      settled = await settleBatchRows(pool, now(), batchSize);
      if (settled > 0) onRows?.();
    }
    await finishBatches(pool);
  },
};
