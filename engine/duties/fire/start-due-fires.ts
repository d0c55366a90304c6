import { claimFires } from '../../../db/triggers/claim-fires.ts';
import { startFire } from '../../triggers/start-fires.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type FireContext } from './fire-context.ts';

/** Starts the runs of what is due, schedules in the order of their times. Any number of servers may do so at once. */
export const startDueFires: Duty<FireContext> = {
  name: 'start-due-fires',
  everyMs: 0,
  run: async (context) => {
    const { pool, now, signal } = context;
    for (let isMore = true; isMore && !signal.aborted;) {
      const found = await claimFires(pool, now(), batchSize);
      const starts = await Promise.allSettled(found.claimed.map((fire) => startFire(context, fire)));
      const failed = starts.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
      if (failed !== undefined) throw failed.reason;
      ({ isMore } = found);
    }
  },
};
