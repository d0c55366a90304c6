import { expireRuns } from '../../../db/runs/end.ts';
import { listRunsPastDeadline } from '../../../db/runs/list-overdue.ts';
import { noticesOf } from '../../announce.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type SweepContext } from './sweep-context.ts';

/** Ends runs past their deadline and tells workers to stop what they do for them. */
export const endLateRuns: Duty<SweepContext> = {
  name: 'end-late-runs',
  everyMs: 0,
  run: async ({ pool, logger, notices }) => {
    const runIds = await listRunsPastDeadline(pool, batchSize);
    if (runIds.length === 0) return;
    const runs = await expireRuns(pool, runIds);
    logger.warn({ runs: runs.length }, 'ended runs past their time limit');
    await notices.publish([...runs.map(({ runId }) => ({ kind: 'stop' as const, runId })), ...noticesOf(runs)]);
  },
};
