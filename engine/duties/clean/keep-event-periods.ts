import { dropEventPeriods } from '../../../db/run-events/drop-periods.ts';
import { makeEventPeriods } from '../../../db/run-events/make-periods.ts';
import { isTaken } from '../../../db/run-events/partitions.ts';
import type { Duty } from '../duty.ts';
import type { CleanContext } from './clean-context.ts';

/** Makes the parts of `run_events` for the time to come, and drops those of the past whose runs are gone. */
export const keepEventPeriods: Duty<CleanContext> = {
  name: 'keep-event-periods',
  everyMs: 0,
  run: async ({ pool, retention, logger }) => {
    try {
      const made = await makeEventPeriods(pool, retention.days);
      const dropped = await dropEventPeriods(pool, retention.days);
      if (made.length + dropped.length > 0) logger.info({ made, dropped }, 'the tables of events follow the time');
    } catch (error) {
      // A backup or a report reads them. The next period is there for a day at least, and the past can wait.
      if (!isTaken(error)) throw error;
      logger.info({}, 'the tables of events are being read; they are looked after in an hour');
    }
  },
};
