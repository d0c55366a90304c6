import { admitRunsOfEverybody } from '../../../db/runs/admit.ts';
import type { Duty } from '../duty.ts';
import type { SweepContext } from './sweep-context.ts';

/** Gives runs without their turn one, for users with room, where whoever ended the run before them did not. */
export const admitRuns: Duty<SweepContext> = {
  name: 'admit-runs',
  everyMs: 0,
  run: async ({ pool, queue, maxActiveRunsPerUser, enqueue }) => {
    const runIds = await admitRunsOfEverybody(pool, maxActiveRunsPerUser);
    if (runIds.length > 0) await enqueue(() => queue.addRuns(runIds));
  },
};
