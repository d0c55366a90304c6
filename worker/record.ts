import type pg from 'pg';
import type { Logger } from '../core/node-type/executor.ts';
import { completeNodeExecutions, type Completion } from '../db/queries/complete-node-executions.ts';
import { failNodeExecutions, type Failure } from '../db/queries/fail-node-executions.ts';
import { saveCachedOutputs } from '../db/queries/output-cache.ts';
import { requeueNodeExecutions, type Requeue } from '../db/queries/requeue-node-executions.ts';
import type { ChangedRun, ReadyNode } from '../db/run-event-sql.ts';
import { noticesOf } from '../engine/announce.ts';
import { isTransientDatabaseError, persist } from '../engine/outage.ts';
import { createGroupCommit } from './group-commit.ts';
import type { NoticeBuffer } from './notice-buffer.ts';
import type { WorkPointListener } from './work-points.ts';

/** A finished attempt, and what to keep for later runs where its output may stand in for another. */
export interface FinishedAttempt {
  readonly completion: Completion;
  readonly cache: { readonly userId: string; readonly key: string } | null;
}

/** Writes how attempts ended. Every method resolves after the commit and after what became ready was released. */
export interface Recorder {
  /** False: the attempt was not ours any more, its result is dropped. */
  complete(attempt: FinishedAttempt): Promise<boolean>;
  fail(failure: Failure): Promise<boolean>;
  requeue(requeue: Requeue): Promise<void>;
  idle(): Promise<void>;
}

export interface RecorderDependencies {
  readonly pool: pg.Pool;
  readonly notices: NoticeBuffer;
  readonly logger: Logger;
  /** Hears of every run that a record changed. */
  readonly onChanged: (runs: readonly ChangedRun[]) => void;
  /** Enqueues or executes what became ready. */
  readonly release: (ready: readonly (ReadyNode & { readonly delayMs?: number })[]) => Promise<void>;
  readonly at?: WorkPointListener | undefined;
}

interface Recorded {
  readonly isRecorded: boolean;
  /** One promise for the whole batch: its dependents are added with one bulk add. */
  readonly released: Promise<void>;
}

/** One statement in flight, the next collecting. */
const lanes = 2;
/** More rows in one statement make it slower for all without fewer round trips that matter. */
const maxBatch = 200;
/** A record outlives an outage of Postgres of this length; after that the sweeper hands the attempt to somebody else anyway. */
const persistMs = 60_000;

export function createRecorder({ pool, notices, logger, release, onChanged, at }: RecorderDependencies): Recorder {
  const announce = (runs: readonly ChangedRun[]) => {
    onChanged(runs);
    notices.send(noticesOf(runs));
  };
  const persistently = <Result>(work: () => Promise<Result>) =>
    persist(work, {
      forMs: persistMs,
      onRetry: (error) => logger.warn({ err: error }, 'the database did not take a record; trying again'),
    });

  async function commit(batch: readonly FinishedAttempt[]): Promise<Recorded[]> {
    const result = await persistently(() =>
      completeNodeExecutions(
        pool,
        batch.map(({ completion }) => completion),
      ),
    );
    at?.('after-record');
    announce(result.runs);
    const recorded = new Set(result.recorded);
    const entries = batch.flatMap(({ completion, cache }) =>
      cache !== null && !completion.cached && recorded.has(completion.id)
        ? [{ ...cache, outputs: completion.outputs }]
        : [],
    );
    if (entries.length > 0) {
      saveCachedOutputs(pool, entries).catch((error: unknown) => logger.warn({ err: error }, 'could not keep outputs'));
    }
    const released = release(result.ready);
    // Awaited by each attempt of the batch; this keeps a rejection from being unhandled when there is none.
    released.catch(() => {});
    return batch.map(({ completion }) => ({ isRecorded: recorded.has(completion.id), released }));
  }

  const completions = createGroupCommit<FinishedAttempt, Recorded>({ commit, lanes, maxBatch });

  /** A batch that the database refuses for good is taken apart, so that one bad output fails alone. */
  async function completeAlone(attempt: FinishedAttempt): Promise<Recorded> {
    const [recorded] = await commit([attempt]);
    return recorded!;
  }

  return {
    complete: async (attempt) => {
      const recorded = await completions.submit(attempt).catch((error: unknown) => {
        if (isTransientDatabaseError(error)) throw error;
        return completeAlone(attempt);
      });
      await recorded.released;
      return recorded.isRecorded;
    },
    fail: async (failure) => {
      const { runs, recorded } = await persistently(() => failNodeExecutions(pool, [failure]));
      announce(runs);
      return recorded.length > 0;
    },
    requeue: async (requeue) => {
      const { runs, ready } = await persistently(() => requeueNodeExecutions(pool, [requeue]));
      announce(runs);
      await release(ready);
    },
    idle: () => completions.idle(),
  };
}
