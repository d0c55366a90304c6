import type pg from 'pg';
import type { Logger } from '../../../core/node-type/executor.ts';
import type { NoticeChannel } from '../../../queue/notice-channel.ts';
import type { RunQueue } from '../../../queue/run-queue.ts';

/** The times of the sweeper, in milliseconds. */
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

/** Those of an installation; tests come round more often. */
export const defaultSweeperTimes: SweeperTimes = {
  intervalMs: 1_000,
  leaseMs: 10_000,
  overdueMs: 5_000,
  timeoutGraceMs: 15_000,
  thoroughMs: 10_000,
  checkMs: 60_000,
  forgetSessionsMs: 3_600_000,
};

/** What sweeping needs. */
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

/** What each duty of the sweeper gets. */
export interface SweepContext extends SweeperDependencies {
  /**
   * Adds jobs. Where the queue is away that is told once and the other duties go on: the rows stay as they are for a
   * later sweep.
   */
  enqueue(add: () => Promise<void>): Promise<void>;
}

/** Rows handled in one sweep; what is left comes a second later. */
export const batchSize = 1_000;

/** What each duty of the sweeper is given. */
export function createSweepContext(dependencies: SweeperDependencies): SweepContext {
  let isQueueAway = false;
  return {
    ...dependencies,
    enqueue: async (add) => {
      try {
        await add();
        isQueueAway = false;
      } catch (error) {
        if (!isQueueAway) dependencies.logger.warn({ err: error }, 'the queue cannot be reached');
        isQueueAway = true;
      }
    },
  };
}
