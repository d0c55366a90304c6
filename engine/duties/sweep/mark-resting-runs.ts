import { listRunsToRest, listRunsToWake, restRuns, wakeRuns } from '../../../db/runs/rest.ts';
import type { Duty } from '../duty.ts';
import { admitRuns } from './admit-runs.ts';
import { batchSize, type SweepContext } from './sweep-context.ts';

/**
 * Marks runs in which nothing but waits is left, where whoever let them wait did not, and takes the mark off where that
 * was not done. The turns that they held are given to others in the same sweep. Reads every unfinished run.
 */
export const markRestingRuns: Duty<SweepContext> = {
  name: 'mark-resting-runs',
  everyMs: ({ times }) => times.thoroughMs,
  run: async ({ pool, hurry }) => {
    const woken = await listRunsToWake(pool, batchSize);
    if (woken.length > 0) await wakeRuns(pool, woken);
    const waiting = await listRunsToRest(pool, batchSize);
    if (waiting.length > 0 && (await restRuns(pool, waiting)).length > 0) hurry(admitRuns);
  },
};
