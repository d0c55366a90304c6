import { advanceRegions } from '../../../db/regions/advance.ts';
import { listStaleRegions, type StaleRegion } from '../../../db/regions/list-stale.ts';
import { resumeNodeExecutions } from '../../../db/nodes/resume.ts';
import { noticesOf } from '../../announce.ts';
import { jobsOf } from '../../jobs-of.ts';
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
  const advances = stale.map(({ executionId, runId, ended }) => ({ executionId, runId, ended, from: 0, parts: [] }));
  const advanced = await advanceRegions(pool, advances, []);
  const waiting = new Map(stale.map((region) => [region.executionId, region]));
  const lacking = advanced.regions.flatMap(
    ({ executionId, isClosed, isStopped, unfinished, width, nextIndex, total }) => {
      const { runId, waitingAttempt } = waiting.get(executionId)!;
      const hasRoom = !isClosed && !isStopped && unfinished < width && nextIndex < total;
      return hasRoom && waitingAttempt !== null ? [{ id: executionId, runId, attempt: waitingAttempt, end: null }] : [];
    },
  );
  const resumed = lacking.length === 0 ? { runs: [], ready: [] } : await resumeNodeExecutions(pool, lacking);
  const counted = stale.reduce((sum, { ended }) => sum + ended.length, 0);
  logger.warn({ regions: stale.length, parts: counted, woken: resumed.ready.length }, 'went on with regions');
  const ready = [...advanced.ready, ...resumed.ready];
  if (ready.length > 0) await enqueue(() => queue.addNodes(jobsOf(ready)));
  await notices.publish(noticesOf([...advanced.runs, ...resumed.runs]));
}
