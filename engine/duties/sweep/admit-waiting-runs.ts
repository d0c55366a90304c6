import { admitRunsOfEverybody } from '../../../db/runs/admit.ts';
import type { Duty } from '../duty.ts';
import type { SweepContext } from './sweep-context.ts';

/** Gives waiting runs of users with room their turn, where whoever ended the run before them did not. */
export const admitWaitingRuns: Duty<SweepContext> = {
  name: 'admit-waiting-runs',
  everyMs: 0,
  run: async ({ pool, queue, maxActiveRunsPerUser, enqueue }) => {
    const runIds = await admitRunsOfEverybody(pool, maxActiveRunsPerUser);
    if (runIds.length > 0) await enqueue(() => queue.addRuns(runIds));
  },
};
