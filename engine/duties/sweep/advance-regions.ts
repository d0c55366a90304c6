import { listStaleRegions, type StaleRegion } from '../../../db/regions/list-stale.ts';
import { noticesOf } from '../../announce.ts';
import { jobsOf } from '../../jobs-of.ts';
import { countParts } from '../../regions/count-parts.ts';
import type { Duty } from '../duty.ts';
import type { SweepContext } from './sweep-context.ts';
import { togetherOrApart } from './together-or-apart.ts';

/** Regions looked at in one sweep; what is left comes a second later. */
const mostRegions = 100;

/**
 * Counts ended parts that nobody has counted, and wakes the first node of a region in which parts should have been made: a
 * worker makes them. Regions of runs that are over are closed.
 */
export const advanceStaleRegions: Duty<SweepContext> = {
  name: 'advance-regions',
  everyMs: 0,
  run: async (context) => {
    const { pool, logger, times } = context;
    const stale = await listStaleRegions(pool, times.overdueMs, mostRegions);
    await togetherOrApart(stale, logger, (some) => goOn(context, some));
  },
};

async function goOn(context: SweepContext, stale: readonly StaleRegion[]): Promise<void> {
  const { pool, queue, notices, logger, enqueue } = context;
  const { runs, ready } = await countParts(pool, stale);
  const parts = stale.reduce((sum, { ended }) => sum + ended.length, 0);
  logger.warn({ regions: stale.length, parts, ready: ready.length }, 'went on with regions');
  if (ready.length > 0) await enqueue(() => queue.addNodes(jobsOf(ready)));
  await notices.publish(noticesOf(runs));
}
