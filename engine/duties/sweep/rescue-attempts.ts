import { maxCrashes } from '../../../core/run/decide.ts';
import type { Failure } from '../../../db/nodes/fail.ts';
import {
  listOrphanedAttempts,
  type AttemptOfDeadWorker,
  type OrphanedAttempt,
} from '../../../db/nodes/list-overdue.ts';
import { measureOutage } from '../../../db/workers/measure-outage.ts';
import { requeueNodeExecutions } from '../../../db/nodes/requeue.ts';
import { noticesOf } from '../../announce.ts';
import { jobsOf } from '../../jobs-of.ts';
import type { Duty } from '../duty.ts';
import { endAttempts } from './end-attempts.ts';
import { batchSize, type SweepContext } from './sweep-context.ts';
import { togetherOrApart } from './together-or-apart.ts';

/** An outage: so many sessions, and such a share of all, expired within a minute. One worker on a poison node never gets there. */
const outageWindowMs = 60_000;
const outageSessions = 4;
const outageShare = 0.3;
/** From here on every death counts: a node may take its whole machine with it, and the worker that watches it. */
const mostAttempts = 20;

/**
 * Takes attempts from dead workers: they go back to the queue as the next attempt, or end where their node has brought
 * down too many workers. Reads every unfinished run, so it is done now and then, and when a session has just expired.
 */
export const rescueAttempts: Duty<SweepContext> = {
  name: 'rescue-attempts',
  everyMs: ({ times }) => times.thoroughMs,
  run: async (context) => {
    const { pool, queue, notices, logger, times, onRescue, enqueue } = context;
    const orphans = await listOrphanedAttempts(pool, batchSize, {
      suspectFrom: maxCrashes - 1,
      leaseMs: times.leaseMs,
    });
    if (orphans.length === 0) return;
    const outage = await measureOutage(pool, outageWindowMs);
    const isOutage = outage.expired >= outageSessions && outage.expired > outage.all * outageShare;
    const countsAsCrash = ({ isWitnessed, attempt }: AttemptOfDeadWorker) =>
      !isOutage && (isWitnessed || attempt >= mostAttempts);
    const poisoned = orphans.filter((orphan) => countsAsCrash(orphan) && orphan.crashCount + 1 >= maxCrashes);
    const others = orphans.filter((orphan) => !poisoned.includes(orphan));
    const requeues = others.map((orphan) => ({
      id: orphan.id,
      runId: orphan.runId,
      attempt: orphan.attempt,
      delayMs: 0,
      code: null,
      message: null,
      crashed: countsAsCrash(orphan),
    }));
    await togetherOrApart(requeues, logger, async (some) => {
      const { runs, ready } = await requeueNodeExecutions(pool, some);
      logger.warn({ attempts: ready.length }, 'rescued attempts of dead workers');
      onRescue?.(ready.length);
      // They have waited for a lease to run out, and may wait no longer behind what came after them.
      await enqueue(() => queue.addNodes(jobsOf(ready).map((job) => ({ ...job, isFirst: true }))));
      await notices.publish(noticesOf(runs));
    });
    await endAttempts(context, poisoned.map(crashFailure));
  },
};

function crashFailure({ id, runId, nodeId, attempt, crashCount }: OrphanedAttempt): Failure {
  return {
    id,
    runId,
    attempt,
    code: 'NODE_CRASHED_WORKER',
    message: `Node "${nodeId}" was stopped: its worker died ${crashCount + 1} times while running it. Give it less to do, or ask the operator what the log says.`,
    inputs: null,
    crashed: true,
  };
}
