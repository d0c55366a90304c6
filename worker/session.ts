import type pg from 'pg';
import type { Logger } from '../core/node-type/executor.ts';
import { deleteWorkerSession } from '../db/workers/delete.ts';
import { listLostAttempts } from '../db/nodes/list-lost.ts';
import { insertWorkerSession, type NewWorkerSession } from '../db/workers/insert.ts';
import { renewWorkerSession } from '../db/workers/renew.ts';
import type { AttemptRegistry } from './attempts.ts';

/*
 * The lease of a worker process.
 *
 * One heartbeat row stands for all attempts of the process. Whoever reads a
 * heartbeat older than the lease time may take the attempts away, so a process
 * that could not renew in time (frozen, cut off) must assume that it has lost
 * them: it stops them all and starts a new session. Its late records carry the
 * old session's id and touch no row.
 */

/** How often a worker says that it is alive, and after how long without a word others take over; in milliseconds. */
export interface LeaseTimes {
  readonly heartbeatMs: number;
  /** Four heartbeats: three may be lost. */
  readonly leaseMs: number;
}

/** A worker that dies is noticed after ten seconds. */
export const defaultLeaseTimes: LeaseTimes = { heartbeatMs: 2_500, leaseMs: 10_000 };

/** What could not be renewed is tried again sooner: a broken connection may have used up most of the lease. */
const againShare = 0.2;

interface WorkerSession {
  /** Changes when a session was lost. */
  id(): string;
  start(): Promise<void>;
  /** Whether some other worker serves the pool, as of the last heartbeat; true before the first one. */
  hasOthers(pool: string): boolean;
  setDraining(): Promise<void>;
  /** Ends the session; nothing of it may be under way any more. */
  stop(): Promise<void>;
}

interface WorkerSessionDependencies {
  readonly pool: pg.Pool;
  readonly attempts: AttemptRegistry;
  readonly logger: Logger;
  readonly times: LeaseTimes;
  readonly newId: () => string;
  readonly describe: Omit<NewWorkerSession, 'id'>;
  /** An operator wants this worker to take no more work. */
  readonly onDrainRequested: () => void;
}

/** Has a new id and no row before `start`. */
export function createWorkerSession(dependencies: WorkerSessionDependencies): WorkerSession {
  const { pool, attempts, logger, times, newId, describe } = dependencies;
  let id = newId();
  let renewedAt = 0;
  let poolsOfOthers: readonly string[] | null = null;
  let isDraining = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();

  async function open(): Promise<void> {
    await insertWorkerSession(pool, { ...describe, id });
    renewedAt = performance.now();
  }

  async function beat(): Promise<void> {
    const begunAt = performance.now();
    const renewed = await renewWorkerSession(pool, id, { leaseMs: times.leaseMs, draining: isDraining });
    if (renewed === null) return replace();
    renewedAt = begunAt;
    poolsOfOthers = renewed.poolsOfOthers;
    if (renewed.isDrainRequested && !isDraining) dependencies.onDrainRequested();
    const lost = await listLostAttempts(pool, id, attempts.list());
    if (lost.length > 0) attempts.stopAttempts(lost);
  }

  /** The lease ran out: everything under way belongs to somebody else now. */
  async function replace(): Promise<void> {
    const lostId = id;
    id = newId();
    attempts.stopAll('gone');
    await open();
    logger.warn({ code: 'LEASE_LOST', lostWorkerId: lostId, workerId: id }, 'lost the lease; started a new session');
  }

  function schedule(waitMs: number): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      beating = beat().then(
        () => schedule(times.heartbeatMs),
        (error: unknown) => {
          logger.warn({ err: error }, 'could not renew the lease');
          // Without an answer for a whole lease the attempts are as good as lost; do not work against their rescuer.
          if (performance.now() - renewedAt > times.leaseMs) attempts.stopAll('gone');
          schedule(times.heartbeatMs * againShare);
        },
      );
    }, waitMs);
  }

  return {
    id: () => id,
    hasOthers: (name) => poolsOfOthers === null || poolsOfOthers.includes(name),
    start: async () => {
      await open();
      // To hear of the others.
      await beat().catch((error: unknown) => logger.warn({ err: error }, 'could not renew the lease'));
      schedule(times.heartbeatMs);
    },
    setDraining: async () => {
      isDraining = true;
      await renewWorkerSession(pool, id, { leaseMs: times.leaseMs, draining: true }).catch(() => null);
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await beating;
      await deleteWorkerSession(pool, id).catch((error: unknown) => {
        logger.warn({ err: error }, 'could not end the session; its lease will run out');
      });
    },
  };
}
