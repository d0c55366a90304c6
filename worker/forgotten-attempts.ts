import type pg from 'pg';
import { maxUnrecorded } from '../core/run/decide.ts';
import type { Logger } from '../core/node-type/executor.ts';
import { listForgottenAttempts } from '../db/nodes/list-forgotten.ts';
import { handedBackUnrecorded } from './hand-back.ts';
import type { AttemptRegistry } from './attempts.ts';
import type { Recorder } from './record.ts';

/**
 * Hands back attempts that Postgres counts as this worker's and that it knows
 * nothing of. They come about when a connection breaks between a commit and its
 * answer, or when a record could not be written; the lease is alive, so nobody
 * else would rescue them. One that this has happened to again and again is ended. Looks soon after an answer was lost, and now and then
 * whatever happened.
 */
export interface ForgottenAttempts {
  /** An answer was lost: look a little later. */
  suspect(): void;
  start(): void;
  stop(): Promise<void>;
}

interface ForgottenAttemptsDependencies {
  readonly pool: pg.Pool;
  readonly workerId: () => string;
  readonly attempts: AttemptRegistry;
  readonly recorder: Pick<Recorder, 'requeue' | 'fail'>;
  readonly logger: Logger;
  /** Longer than any answer of Postgres takes to get to the attempt. Default 3,000. */
  readonly waitMs?: number;
  /** Between two looks without a suspicion. Default 15,000. */
  readonly everyMs?: number;
}

const defaultWaitMs = 3_000;
const defaultEveryMs = 15_000;
/** Without a suspicion: longer than a worker waits for anything between a claim and its work. */
const calmWaitMs = 25_000;

/** Looks at nothing before `start`. */
export function createForgottenAttempts(dependencies: ForgottenAttemptsDependencies): ForgottenAttempts {
  const { pool, workerId, attempts, recorder, logger, waitMs = defaultWaitMs } = dependencies;
  const { everyMs = defaultEveryMs } = dependencies;
  let timer: NodeJS.Timeout | undefined;
  let calmTimer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let isStopped = false;

  async function look(sinceMs: number): Promise<void> {
    const forgotten = await listForgottenAttempts(pool, workerId(), {
      known: attempts.list(),
      sinceMs,
    });
    for (const { id, runId, nodeId, attempt, unrecordedCount } of forgotten) {
      const attemptFields = { runId, nodeExecutionId: id, attempt };
      if (unrecordedCount + 1 >= maxUnrecorded) {
        logger.error(attemptFields, 'ended an attempt whose end could not be recorded again and again');
        const message = `How node "${nodeId}" ended could not be recorded, ${maxUnrecorded} times in a row. The log of the worker has the reason.`;
        await recorder.fail({ id, runId, attempt, code: 'INTERNAL', message, inputs: null, crashed: false });
        continue;
      }
      logger.warn(attemptFields, 'handed back an attempt that nobody works on');
      await recorder.requeue(handedBackUnrecorded({ id, runId, attempt }));
    }
  }

  function suspect(): void {
    if (isStopped) return;
    clearTimeout(timer);
    // Twice the wait: an attempt that was claimed just now is old enough to be found by then.
    timer = setTimeout(() => {
      looking = look(waitMs).catch((error: unknown) => {
        logger.warn({ err: error }, 'could not look for forgotten attempts; trying again');
        suspect();
      });
    }, waitMs * 2);
    timer.unref();
  }

  return {
    suspect,
    start: () => {
      calmTimer = setInterval(() => {
        looking = looking
          .then(() => look(calmWaitMs))
          .catch((error: unknown) => logger.warn({ err: error }, 'could not look for forgotten attempts; later again'));
      }, everyMs);
      calmTimer.unref();
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      clearInterval(calmTimer);
      await looking;
    },
  };
}
