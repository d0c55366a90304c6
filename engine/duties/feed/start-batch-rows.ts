import { claimBatchRows } from '../../../db/batches/feed.ts';
import { startRow } from '../../batches/start-row.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type FeedContext } from './feed-context.ts';

/** Starts the runs of rows that may begin. Any number of servers may do so at once. */
export const startBatchRows: Duty<FeedContext> = {
  name: 'start-batch-rows',
  everyMs: 0,
  run: async (context) => {
    const { pool, now, maxActiveRunsPerUser, signal, onRows } = context;
    for (let claimed = batchSize; claimed >= batchSize && !signal.aborted;) {
      const rows = await claimBatchRows(pool, now(), maxActiveRunsPerUser, batchSize);
      const starts = await Promise.allSettled(rows.map((row) => startRow(context, row)));
      const failed = starts.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
      if (failed !== undefined) throw failed.reason;
      claimed = rows.length;
      if (claimed > 0) onRows?.();
    }
  },
};
