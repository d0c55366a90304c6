import { listRunsNotBegun } from '../../../db/runs/list-overdue.ts';
import { listOverdueNodes } from '../../../db/nodes/list-overdue.ts';
import type { ReadyNode } from '../../../db/run-sql/result.ts';
import type { NodeJob } from '../../../queue/run-queue.ts';
import { jobsOf } from '../../jobs-of.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type SweepContext } from './sweep-context.ts';

/** More jobs than this wait: late claims are a backlog, not lost jobs. */
const backlog = 1_000;
/** What was taken before has waited once already, for the lease of a dead worker or for its pause: it goes before all others. */
const secondAttempt = 2;

/**
 * Gives QUEUED nodes that nobody claims a job again; all of them at once where the queue has lost its generation key,
 * because it is new, or was emptied or replaced. Behind a backlog only those that had been taken before: a job of theirs
 * would be among the first.
 */
export const reconcileQueue: Duty<SweepContext> = {
  name: 'reconcile-queue',
  everyMs: 0,
  run: (context) => context.settle(() => reconcile(context)),
};

async function reconcile(context: SweepContext): Promise<void> {
  const { pool, queue, times } = context;
  if (!(await queue.hasGeneration())) return refill(context);
  const waiting = (await queue.counts()).reduce((sum, counts) => sum + counts.waiting, 0);
  if (waiting >= backlog) {
    const lost = await listOverdueNodes(pool, times.overdueMs, batchSize, secondAttempt);
    // What is in the queue all the same stays where it is.
    return queue.addNodes(jobsOf(lost).map(first));
  }
  await queue.addOverdueNodes(jobsOf(await listOverdueNodes(pool, times.overdueMs, batchSize)));
}

async function refill({ pool, queue, logger }: SweepContext): Promise<void> {
  const batches = await everyWaitingNode(pool);
  const runIds = await listRunsNotBegun(pool, 0, batchSize);
  for (const ready of batches) {
    await queue.addNodes(jobsOf(ready).map((job) => (job.attempt < secondAttempt ? job : first(job))));
  }
  await queue.addRuns(runIds);
  await queue.markGeneration();
  if (batches.length + runIds.length > 0) {
    logger.warn({ nodes: batches.flat().length, runs: runIds.length }, 'filled an emptied queue again');
  }
}

const first = (job: NodeJob): NodeJob => ({ ...job, isFirst: true });

/** In batches; adding again what was added already does no harm, so the query needs no cursor beyond its limit. */
async function everyWaitingNode(pool: SweepContext['pool']): Promise<ReadyNode[][]> {
  const all = await listOverdueNodes(pool, 0, batchSize * 100);
  const batches: ReadyNode[][] = [];
  for (let start = 0; start < all.length; start += batchSize) batches.push(all.slice(start, start + batchSize));
  return batches;
}
