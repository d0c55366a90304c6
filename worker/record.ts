import type pg from 'pg';
import type { ErrorCode } from '../core/errors/codes.ts';
import type { Logger } from '../core/node-type/executor.ts';
import type { Completion } from '../db/nodes/advance.ts';
import { failNodeExecutions, type Failure } from '../db/nodes/fail.ts';
import { saveCachedOutputs } from '../db/outputs/save.ts';
import { requeueNodeExecutions, type Requeue } from '../db/nodes/requeue.ts';
import { suspendNodeExecutions, type Suspend } from '../db/nodes/suspend.ts';
import type { ChangedRun, ReadyNode } from '../db/run-sql/result.ts';
import { isRefusedData, mayBeOneItem, persist } from '../engine/outage.ts';
import type { Advance, Completed } from './advance.ts';
import { createGroupCommit } from '../engine/group-commit.ts';

/** A finished attempt, and what to keep for later runs where its output may stand in for another. */
export interface FinishedAttempt {
  readonly completion: Completion;
  readonly cache: { readonly userId: string; readonly key: string } | null;
}

/** Writes how attempts ended. Every method resolves after the commit. */
export interface Recorder {
  complete(attempt: FinishedAttempt): Promise<Completed>;
  /** False: the attempt was not ours any more. Resolves after the jobs of what handles the failure were added. */
  fail(failure: Failure): Promise<boolean>;
  /** False: the attempt was not ours any more. */
  suspend(suspend: Suspend): Promise<boolean>;
  /** Resolves after the job of the next attempt was added. */
  requeue(requeue: Requeue): Promise<void>;
  idle(): Promise<void>;
}

interface RecorderDependencies {
  readonly pool: pg.Pool;
  readonly advance: Advance;
  readonly logger: Logger;
  /** Hears of every run that a record changed. */
  readonly onChanged: (runs: readonly ChangedRun[]) => void;
  /** Gives what became ready to the queue. */
  readonly release: (ready: readonly (ReadyNode & { readonly delayMs?: number })[]) => Promise<void>;
  /** Hears of runs in which something waits now: some of them may rest. Never throws. */
  readonly onSuspended: (runIds: readonly string[]) => Promise<void>;
}

type CacheEntry = Parameters<typeof saveCachedOutputs>[1][number];

/** More rows in one statement make it slower for all without fewer round trips that matter. */
const maxBatch = 200;
/** A record outlives an outage of Postgres of this length; after that the sweeper hands the attempt to somebody else anyway. */
const persistMs = 60_000;

/** Writes down how attempts ended, and gives what became ready to the queue. */
export function createRecorder({
  pool,
  advance,
  logger,
  release,
  onChanged,
  onSuspended,
}: RecorderDependencies): Recorder {
  const persistently = <Result>(work: () => Promise<Result>) =>
    persist(work, {
      forMs: persistMs,
      onRetry: (error) => logger.warn({ err: error }, 'the database did not take a record; trying again'),
    });

  const cached = createGroupCommit<CacheEntry, void>({
    commit: async (entries) => {
      await saveCachedOutputs(pool, entries);
      return entries.map(() => undefined);
    },
    lanes: 1,
    keyOf: () => 'cache',
    isApart: mayBeOneItem,
    maxBatch,
  });

  const suspends = createGroupCommit<Suspend, boolean>({
    commit: async (entries) => {
      const { runs, recorded } = await persistently(() => suspendNodeExecutions(pool, entries));
      onChanged(runs);
      if (runs.length > 0) await onSuspended(runs.map(({ runId }) => runId));
      const ids = new Set(recorded);
      return entries.map(({ id }) => ids.has(id));
    },
    lanes: 2,
    keyOf: ({ runId }) => runId,
    isApart: mayBeOneItem,
    maxBatch,
  });

  /** What a record that Postgres refuses for its data says instead, so that its attempt ends all the same. */
  function plainOf({ id, runId, attempt }: Failure | Requeue, error: unknown): { code: ErrorCode; message: string } {
    if (!isRefusedData(error)) throw error;
    logger.error(
      { err: error, runId, nodeExecutionId: id, attempt },
      'the database refused what an attempt says of its end',
    );
    return {
      code: 'INTERNAL',
      message: 'The attempt failed, and what it says of that could not be stored. The log of the worker has it.',
    };
  }

  return {
    complete: async ({ completion, cache }) => {
      const completed = await advance.complete(completion);
      if (cache !== null && completed.isRecorded && !completion.cached) {
        cached
          .submit({ ...cache, outputs: completion.outputs, maker: completion })
          .catch((error: unknown) => logger.warn({ err: error }, 'could not keep outputs'));
      }
      return completed;
    },
    fail: async (failure) => {
      const write = (written: Failure) => persistently(() => failNodeExecutions(pool, [written]));
      const { runs, recorded, ready } = await write(failure).catch((error: unknown) => {
        return write({ ...failure, ...plainOf(failure, error), inputs: null });
      });
      onChanged(runs);
      await release(ready);
      return recorded.length > 0;
    },
    suspend: (suspend) => suspends.submit(suspend),
    requeue: async (requeue) => {
      const write = (written: Requeue) => persistently(() => requeueNodeExecutions(pool, [written]));
      const { runs, ready } = await write(requeue).catch((error: unknown) => {
        return write({ ...requeue, ...plainOf(requeue, error) });
      });
      onChanged(runs);
      await release(ready);
    },
    idle: async () => {
      await Promise.all([advance.idle(), cached.idle(), suspends.idle()]);
    },
  };
}
