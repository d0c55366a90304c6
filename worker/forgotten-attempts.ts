import type pg from 'pg';
import type { Logger } from '../core/node-type/executor.ts';
import { findForgottenAttempts } from '../db/queries/find-forgotten-attempts.ts';
import type { AttemptRegistry } from './attempts.ts';
import type { Recorder } from './record.ts';

/**
 * Hands back attempts that Postgres counts as this worker's and that it knows
 * nothing of. They come about when a connection breaks between a commit and its
 * answer; the lease is alive, so nobody else would rescue them.
 */
export interface ForgottenAttempts {
  /** An answer was lost: look a little later. */
  suspect(): void;
  stop(): Promise<void>;
}

export interface ForgottenAttemptsDependencies {
  readonly pool: pg.Pool;
  readonly workerId: () => string;
  readonly attempts: AttemptRegistry;
  readonly recorder: Recorder;
  readonly logger: Logger;
  /** Longer than any answer of Postgres takes to get to the attempt. Default 3,000. */
  readonly waitMs?: number;
}

const defaultWaitMs = 3_000;

export function createForgottenAttempts(dependencies: ForgottenAttemptsDependencies): ForgottenAttempts {
  const { pool, workerId, attempts, recorder, logger, waitMs = defaultWaitMs } = dependencies;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let isStopped = false;

  async function look(): Promise<void> {
    const forgotten = await findForgottenAttempts(pool, workerId(), {
      knownIds: attempts.list().map(({ id }) => id),
      sinceMs: waitMs,
    });
    for (const { id, runId, attempt } of forgotten) {
      logger.warn({ runId, nodeExecutionId: id, attempt }, 'handed back an attempt whose claim was never answered');
      await recorder.requeue({ id, runId, attempt, delayMs: 0, code: null, message: null, crashed: false });
    }
  }

  function suspect(): void {
    if (isStopped) return;
    clearTimeout(timer);
    // Twice the wait: an attempt that was claimed just now is old enough to be found by then.
    timer = setTimeout(() => {
      looking = look().catch((error: unknown) => {
        logger.warn({ err: error }, 'could not look for forgotten attempts; trying again');
        suspect();
      });
    }, waitMs * 2);
    timer.unref();
  }

  return {
    suspect,
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
