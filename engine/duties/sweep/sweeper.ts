import type pg from 'pg';
import { maxCrashes } from '../../../core/run/decide.ts';
import type { Logger } from '../../../core/node-type/executor.ts';
import { admitRunsOfEverybody } from '../../../db/runs/admit.ts';
import { beginRuns } from '../../../db/runs/begin.ts';
import { areInvariantsDue, saveInvariantChecks } from '../../../db/invariants/save-outcomes.ts';
import { checkInvariants } from '../../../db/invariants/check.ts';
import { expireRuns } from '../../../db/runs/end.ts';
import { failNodeExecutions, type Failure } from '../../../db/nodes/fail.ts';
import {
  findAttemptsPastTimeout,
  findOrphanedAttempts,
  findWaitingNodes,
  type AttemptOfDeadWorker,
  type OrphanedAttempt,
} from '../../../db/nodes/find-overdue.ts';
import { findRunsNotBegun, findRunsPastDeadline } from '../../../db/runs/find-overdue.ts';
import { lockSweep } from '../../../db/duties/lock.ts';
import { measureOutage } from '../../../db/workers/measure-outage.ts';
import { requeueNodeExecutions } from '../../../db/nodes/requeue.ts';
import { expireWorkerSessions } from '../../../db/workers/expire.ts';
import { forgetWorkerSessions } from '../../../db/workers/delete.ts';
import type { ChangedRun, ReadyNode } from '../../../db/run-event-sql.ts';
import { quickAnswerMs } from '../../../db/statement.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { NoticeChannel } from '../../../queue/notice-channel.ts';
import type { NodeJob, RunQueue } from '../../../queue/run-queue.ts';
import { noticesOf } from '../../announce.ts';
import { isRefusedData, isTransientDatabaseError } from '../../outage.ts';

/*
 * The sweeper makes good what a crash or a lost message left behind. It runs in
 * every server and every worker; an advisory lock lets one of them work at a
 * time. Each duty is a guarded statement, so that a sweep that dies half-way
 * harms nothing and the next one goes on.
 *
 *   rescue     attempts of workers whose lease ran out go back to the queue
 *   time out   attempts and runs past their limits are ended
 *   admit      waiting runs of users with room get their turn
 *   begin      runs that have their turn and no orchestrator job has begun
 *   reconcile  QUEUED nodes that nobody claims get a job again; all of them at
 *              once when the queue has lost its generation key (it was emptied)
 *   check      what must be true whatever has crashed is looked at, and kept for the metrics
 */

export interface SweeperTimes {
  /** How long a sweep waits after the one before. */
  readonly intervalMs: number;
  /** A worker that has not renewed for so long is dead. */
  readonly leaseMs: number;
  /** A PENDING run or a QUEUED node may wait so long for its job before one is added again. */
  readonly overdueMs: number;
  /** How long an attempt may outlive its own limit: its worker ends it, the sweeper only where that fails. */
  readonly timeoutGraceMs: number;
  /** How often all unfinished runs are read for attempts without a worker or past their limit; also after each death. */
  readonly thoroughMs: number;
  /** How often the invariants are checked. */
  readonly checkMs: number;
  /** Expired worker sessions are shown for so long. */
  readonly forgetSessionsMs: number;
}

export const defaultSweeperTimes: SweeperTimes = {
  intervalMs: 1_000,
  leaseMs: 10_000,
  overdueMs: 5_000,
  timeoutGraceMs: 15_000,
  thoroughMs: 10_000,
  checkMs: 60_000,
  forgetSessionsMs: 3_600_000,
};

export interface SweeperDependencies {
  readonly pool: pg.Pool;
  readonly queue: RunQueue;
  readonly notices: NoticeChannel;
  readonly logger: Logger;
  readonly times: SweeperTimes;
  /** Unfinished runs of one user that may be under way at once. */
  readonly maxActiveRunsPerUser: number;
  /** Hears how many attempts were taken from dead workers. */
  readonly onRescue?: ((attempts: number) => void) | undefined;
}

export interface Sweeper {
  start(): void;
  /** One sweep now. False: another process is sweeping. */
  sweep(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Rows handled in one sweep; what is left comes a second later. */
const batchSize = 1_000;
/** More jobs than this wait: late claims are a backlog, not lost jobs. */
const backlog = 1_000;
/** What is checked: runs that are under way, and those that ended since the check before, up to this many of each. */
const checkedRuns = 200;
const checkedWindowMs = 90_000;
/** An outage: so many sessions, and such a share of all, expired within a minute. One worker on a poison node never gets there. */
const outageWindowMs = 60_000;
const outageSessions = 4;
const outageShare = 0.3;
/** From here on every death counts: a node may take its whole machine with it, and the worker that watches it. */
const mostAttempts = 20;

export function createSweeper(dependencies: SweeperDependencies): Sweeper {
  const { pool, queue, notices, logger, times, maxActiveRunsPerUser } = dependencies;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let isStopped = false;
  let isQueueAway = false;
  let thoroughAt = Number.NEGATIVE_INFINITY;
  let checkedAt = Number.NEGATIVE_INFINITY;

  async function sweep(): Promise<boolean> {
    // The lock lives as long as this transaction; the work uses other connections.
    return inTransaction(
      pool,
      async (connection) => {
        if (!(await lockSweep(connection))) return false;
        const expired = await expireWorkerSessions(pool, times.leaseMs);
        for (const workerId of expired) logger.warn({ workerId }, 'a worker session expired');
        if (expired.length > 0 || performance.now() - thoroughAt >= times.thoroughMs) {
          await rescue();
          await endLateAttempts();
          thoroughAt = performance.now();
        }
        await endLateRuns();
        await admitWaiting();
        await beginForgotten();
        await enqueue(reconcile);
        await forgetWorkerSessions(pool, times.forgetSessionsMs);
        if (performance.now() - checkedAt >= times.checkMs) await check();
        return true;
      },
      quickAnswerMs,
    );
  }

  async function rescue(): Promise<void> {
    const orphans = await findOrphanedAttempts(pool, batchSize, {
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
    await whole(requeues, async (some) => {
      const { runs, ready } = await requeueNodeExecutions(pool, some);
      logger.warn({ attempts: ready.length }, 'rescued attempts of dead workers');
      dependencies.onRescue?.(ready.length);
      // They have waited for a lease to run out, and may wait no longer behind what came after them.
      await enqueue(() => queue.addNodes(jobsOf(ready).map((job) => ({ ...job, isFirst: true }))));
      await notices.publish(noticesOf(runs));
    });
    await endAttempts(poisoned.map(crashFailure));
  }

  async function endLateAttempts(): Promise<void> {
    const late = await findAttemptsPastTimeout(pool, times.timeoutGraceMs, batchSize);
    await endAttempts(
      late.map(({ id, runId, nodeId, attempt, timeoutMs }) => ({
        id,
        runId,
        attempt,
        code: 'NODE_TIMEOUT',
        message: `Node "${nodeId}" took longer than its limit of ${timeoutMs} ms.`,
        inputs: null,
        crashed: false,
      })),
    );
  }

  async function endLateRuns(): Promise<void> {
    const runIds = await findRunsPastDeadline(pool, batchSize);
    if (runIds.length === 0) return;
    const runs = await expireRuns(pool, runIds);
    logger.warn({ runs: runs.length }, 'ended runs past their time limit');
    await notices.publish([...runs.map(({ runId }) => ({ kind: 'stop' as const, runId })), ...noticesOf(runs)]);
  }

  async function endAttempts(failures: readonly Failure[]): Promise<void> {
    await whole(failures, async (some) => {
      const { runs, recorded } = await failNodeExecutions(pool, some);
      logger.warn({ attempts: recorded.length, code: some[0]!.code }, 'ended attempts');
      await notices.publish(noticesOf(runs));
    });
  }

  /** All in one statement or, where the database refuses the data of one, each alone: it must not hold up the others. */
  async function whole<Item>(items: readonly Item[], work: (some: readonly Item[]) => Promise<void>): Promise<void> {
    if (items.length === 0) return;
    try {
      await work(items);
    } catch (error) {
      if (!isRefusedData(error)) throw error;
      if (items.length === 1)
        logger.error({ err: error, refused: items[0] }, 'the database refused a record of the sweep');
      else for (const item of items) await whole([item], work);
    }
  }

  /** A broken invariant is a fault of the engine: it is told and shown, and nothing is stopped for it. */
  async function check(): Promise<void> {
    checkedAt = performance.now();
    if (!(await areInvariantsDue(pool, times.checkMs))) return;
    const scope = { leaseMs: times.leaseMs, windowMs: checkedWindowMs, limit: checkedRuns };
    const violations = await checkInvariants(pool, scope);
    await saveInvariantChecks(pool, violations);
    const broken = Object.entries(violations).filter(([, count]) => count > 0);
    if (broken.length > 0) logger.error({ broken: Object.fromEntries(broken) }, 'invariants are broken');
  }

  async function admitWaiting(): Promise<void> {
    const runIds = await admitRunsOfEverybody(pool, maxActiveRunsPerUser);
    if (runIds.length > 0) await enqueue(() => queue.addRuns(runIds));
  }

  async function beginForgotten(): Promise<void> {
    const runIds = await findRunsNotBegun(pool, times.overdueMs, batchSize);
    if (runIds.length === 0) return;
    await enqueue(() => queue.addRuns(runIds));
    // An orchestrator job that died with its worker is offered again only after its lock; the runs need not wait for that.
    const { runs, ready } = await beginRuns(pool, runIds);
    await announceAndEnqueue(runs, ready);
  }

  async function reconcile(): Promise<void> {
    if (!(await queue.hasGeneration())) return refill();
    const waiting = (await queue.counts()).reduce((sum, counts) => sum + counts.waiting, 0);
    if (waiting >= backlog) return;
    await queue.addOverdueNodes(jobsOf(await findWaitingNodes(pool, times.overdueMs, batchSize)));
  }

  /** The queue is empty: new, flushed or replaced. */
  async function refill(): Promise<void> {
    const batches = await everyWaitingNode();
    const runIds = await findRunsNotBegun(pool, 0, batchSize);
    for (const ready of batches) await queue.addNodes(jobsOf(ready));
    await queue.addRuns(runIds);
    await queue.markGeneration();
    if (batches.length + runIds.length > 0) {
      logger.warn({ nodes: batches.flat().length, runs: runIds.length }, 'filled an emptied queue again');
    }
  }

  /** In batches; adding again what was added already does no harm, so the query needs no cursor beyond its limit. */
  async function everyWaitingNode(): Promise<ReadyNode[][]> {
    const all = await findWaitingNodes(pool, 0, batchSize * 100);
    const batches: ReadyNode[][] = [];
    for (let start = 0; start < all.length; start += batchSize) batches.push(all.slice(start, start + batchSize));
    return batches;
  }

  async function announceAndEnqueue(runs: readonly ChangedRun[], ready: readonly ReadyNode[]): Promise<void> {
    await notices.publish(noticesOf(runs));
    await enqueue(() => queue.addNodes(jobsOf(ready)));
  }

  /** While the queue is away the other duties go on; the rows stay QUEUED for a later sweep. */
  async function enqueue(add: () => Promise<void>): Promise<void> {
    try {
      await add();
      isQueueAway = false;
    } catch (error) {
      if (!isQueueAway) logger.warn({ err: error }, 'the queue cannot be reached');
      isQueueAway = true;
    }
  }

  function schedule(waitMs = times.intervalMs): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      running = sweep()
        .catch((error: unknown) => {
          if (isStopped) return;
          const level = isTransientDatabaseError(error) ? 'warn' : 'error';
          logger[level]({ err: error }, 'a sweep failed; the next one goes on');
        })
        .finally(() => schedule());
    }, waitMs);
  }

  return {
    sweep,
    // At once: a queue that is new is marked before there is work in it, and is not taken for one that was emptied.
    start: () => schedule(0),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function crashFailure({ id, runId, nodeId, attempt, crashCount }: OrphanedAttempt): Failure {
  return {
    id,
    runId,
    attempt,
    code: 'NODE_CRASHED_WORKER',
    message: `Node "${nodeId}" was stopped: its worker died ${crashCount + 1} times while running it.`,
    inputs: null,
    crashed: true,
  };
}

/** Inline nodes that nobody completed on the spot become ordinary jobs. */
export function jobsOf(ready: readonly (ReadyNode & { readonly delayMs?: number })[]): NodeJob[] {
  return ready.map(({ id, runId, attempt, pool, delayMs = 0 }) => ({
    id,
    runId,
    attempt,
    pool: pool === 'inline' ? 'io' : pool,
    delayMs,
  }));
}
