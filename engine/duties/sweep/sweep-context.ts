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
   * Adds jobs. Where the queue is away that is told once and the other duties go on. They are owed then: `settle` adds
   * them in a later sweep; where this process is gone by then, or owes too much, the rows are found once they are overdue.
   */
  enqueue(add: () => Promise<void>): Promise<void>;
  /** Adds what is owed, then does `work` with the queue; where it is away that is told once. */
  settle(work: () => Promise<void>): Promise<void>;
}

/** Adds that are remembered at once, and how often each is tried: by then its rows are overdue, and found by that. */
const mostOwed = 100;
const mostTries = 60;

/** Rows handled in one sweep; what is left comes a second later. */
export const batchSize = 1_000;

/** What each duty of the sweeper is given. */
export function createSweepContext(dependencies: SweeperDependencies): SweepContext {
  let isQueueAway = false;
  let owed: { readonly add: () => Promise<void>; readonly tries: number }[] = [];

  /** Whether the queue was there. */
  async function attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      isQueueAway = false;
    } catch (error) {
      if (!isQueueAway) dependencies.logger.warn({ err: error }, 'the queue cannot be reached');
      isQueueAway = true;
    }
    return !isQueueAway;
  }

  return {
    ...dependencies,
    enqueue: async (add) => {
      if (!(await attempt(add)) && owed.length < mostOwed) owed.push({ add, tries: 1 });
    },
    settle: async (work) => {
      while (owed.length > 0) {
        const [first, ...rest] = owed;
        if (await attempt(first!.add)) {
          owed = rest;
          continue;
        }
        // Behind the others: what the queue will never take keeps nothing from being added.
        owed = first!.tries < mostTries ? [...rest, { add: first!.add, tries: first!.tries + 1 }] : rest;
        break;
      }
      await attempt(work);
    },
  };
}
