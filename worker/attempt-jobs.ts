import type pg from 'pg';
import { AppError, RetryableError, TerminalError } from '../core/errors/app-error.ts';
import type { AttemptJobs, JobHandle } from '../core/node-type/provider-job.ts';
import { beginProviderJob } from '../db/provider-jobs/begin.ts';
import { findProviderJob } from '../db/provider-jobs/find.ts';
import { forgetProviderJob } from '../db/provider-jobs/forget.ts';
import { keepProviderJob } from '../db/provider-jobs/keep.ts';
import type { Claim } from '../db/run-sql/result.ts';
import { persist } from '../engine/outage.ts';
import type { AttemptDependencies } from './attempt-dependencies.ts';
import { workOf, type Prepared } from './prepare-attempt.ts';

/** Files go along with it. An attempt that is stopped meanwhile leaves the answer to be stored all the same. */
const handInMs = 120_000;
/** By then whoever was handing it in has stored the answer, or never will. */
const unknownMs = handInMs + 30_000;
/** A provider that does not answer is not told to stop. */
const cancelMs = 10_000;
/** As long as any record waits for Postgres. */
const persistMs = 60_000;

/** With what jobs are written down, and told to stop where nobody is left who would. */
export type AttemptJobsDependencies = Pick<AttemptDependencies, 'modelsOf' | 'webOf'> & { readonly pool: pg.Pool };

/**
 * The job of a node execution. Between the row that says that one is being handed in and the one that says what the provider
 * calls it lies a call: who dies there leaves a job that nobody knows of, and that is said rather than paid for again.
 */
export function createAttemptJobs(
  { pool, modelsOf, webOf }: AttemptJobsDependencies,
  { id, attempt, userId }: Pick<Claim, 'id' | 'attempt' | 'userId'>,
  prepared: Pick<Prepared, 'definition' | 'config' | 'recorded' | 'executor'>,
  signal: AbortSignal,
): AttemptJobs {
  const keeper = prepared.executor.job;
  // Named for those alone that hand something in.
  const owner = { id, attempt, userId, work: keeper === undefined ? '' : workOf(prepared) };

  async function startOnce(
    start: (signal: AbortSignal) => Promise<JobHandle>,
    isRepeatable: boolean,
  ): Promise<JobHandle> {
    try {
      return await start(AbortSignal.timeout(handInMs));
    } catch (error) {
      if (isRepeatable) throw error;
      if (!mayBeThere(error)) {
        await forgetProviderJob(pool, owner.id);
        throw error;
      }
      throw unknownError(error);
    }
  }

  async function cancel(job: JobHandle): Promise<void> {
    const tools = { models: modelsOf(userId), web: webOf(userId), signal: AbortSignal.timeout(cancelMs) };
    await keeper?.cancel(job, tools);
  }

  return {
    find: () => findProviderJob(pool, owner),
    handIn: async (start, { isRepeatable, again = false }) => {
      signal.throwIfAborted();
      const begun = await beginProviderJob(pool, { ...owner, again });
      if (begun.kind === 'gone') throw new RetryableError('LEASE_LOST', 'Another worker has the node. Wait for it.');
      if (begun.kind === 'known' && !isRepeatable) {
        const leftMs = unknownMs - begun.ageMs;
        if (leftMs <= 0) throw unknownError();
        throw new RetryableError(
          'PROVIDER_JOB_LOST',
          'Another worker was handing the job in. Wait: it is looked at again when that must be over.',
          { retryAfterMs: leftMs },
        );
      }
      const job = await startOnce(start, isRepeatable);
      const status = await persist(() => keepProviderJob(pool, owner.id, job), { forMs: persistMs });
      // With its run, whoever would tell the provider to stop is gone.
      if (status === null) await cancel(job).catch(() => {});
      signal.throwIfAborted();
      return job;
    },
  };
}

/** Statuses with which a proxy gives up on a call that may have arrived. */
const unsure = new Set([502, 504, 408]);

/** Whether a provider may have taken a job in spite of an error. */
function mayBeThere(error: unknown): boolean {
  if (!(error instanceof AppError)) return true;
  const { status, reason } = error.details;
  if (typeof status === 'number') return unsure.has(status);
  if (error.code === 'PROVIDER_NETWORK') return !['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(reason));
  return error.code === 'PROVIDER_TIMEOUT' || error.code === 'HTTP_FAILED' || error.code === 'HTTP_TIMEOUT';
}

function unknownError(cause?: unknown): TerminalError {
  return new TerminalError(
    'PROVIDER_JOB_LOST',
    'The job was handed in, but the answer of the provider got lost, so nobody knows whether it was taken. It was not handed in again, because it may have been paid for: check there, and run the node again to ask for it anew.',
    { cause },
  );
}
