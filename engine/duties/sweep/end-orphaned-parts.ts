import { listOrphanedParts } from '../../../db/regions/list-stale.ts';
import { cancelRuns } from '../../../db/runs/end.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type SweepContext } from './sweep-context.ts';

/** Ends the parts of runs that are over and of lists that were cancelled: whoever ended those was cut off before it came to them. */
export const endOrphanedParts: Duty<SweepContext> = {
  name: 'end-orphaned-parts',
  everyMs: 0,
  run: async ({ pool, logger, notices }) => {
    const parts = await listOrphanedParts(pool, batchSize);
    if (parts.length === 0) return;
    const ended = await cancelRuns(pool, parts, 'The run or the list that it is a part of has ended.');
    logger.warn({ parts: ended.length }, 'ended parts of what is over');
    await notices.publish(ended.map(({ runId }) => ({ kind: 'stop' as const, runId })));
  },
};
