import type pg from 'pg';
import { RetryableError } from '../core/errors/app-error.ts';
import type { JobKeeper, Logger, ModelTools, NodeExecutor } from '../core/node-type/executor.ts';
import { longestJobMs } from '../core/node-type/provider-job.ts';
import type { WebTools } from '../core/node-type/web-tools.ts';
import { endProviderJob, lookAgain, takeDueJobs, type DueJob } from '../db/provider-jobs/look.ts';
import { createDutyRunner, type DutyRunner } from '../engine/duties/duty-runner.ts';
import type { Duty } from '../engine/duties/duty.ts';
import type { WaitEnds } from '../engine/waits/wait-ends.ts';
import type { NoticeBuffer } from './notice-buffer.ts';

/*
 * Asks providers about the jobs that nodes wait for, and tells them to stop with those of canceled runs. Each question is
 * short and holds no place of the worker. Any worker asks about any job; a job is with one of them at a time.
 */
export interface JobLooksContext {
  readonly pool: pg.Pool;
  readonly executors: ReadonlyMap<string, NodeExecutor>;
  readonly modelsOf: (userId: string) => ModelTools;
  readonly webOf: (userId: string) => WebTools;
  readonly ends: Pick<WaitEnds, 'resume'>;
  readonly notices: Pick<NoticeBuffer, 'sendLater'>;
  readonly logger: Logger;
}

/** Questions at once. */
const atOnce = 20;
/** One that is not answered by then is asked again later. */
const questionMs = 30_000;
/** After a failure, doubled with each one. */
const againMs = { first: 5_000, longest: 300_000 };
/** A provider that cannot be told to stop is not told for ever. */
const mostCancels = 20;

/** Looks at all jobs that are due. */
export const lookAtJobs: Duty<JobLooksContext> = {
  name: 'look-at-provider-jobs',
  everyMs: 0,
  run: async (context) => {
    for (;;) {
      const jobs = await takeDueJobs(context.pool, atOnce);
      await Promise.all(jobs.map((job) => look(context, job, context.signal)));
      if (jobs.length < atOnce || context.signal.aborted) return;
    }
  },
};

/** Asks providers how their jobs stand, every `everyMs` milliseconds, for nodes that wait for them. */
export function createJobLooks(context: JobLooksContext, everyMs: number): DutyRunner {
  return createDutyRunner({ name: 'provider jobs', duties: [lookAtJobs], context, logger: context.logger, everyMs });
}

async function look(context: JobLooksContext, job: DueJob, stopping: AbortSignal): Promise<void> {
  const { pool, logger } = context;
  const keeper = context.executors.get(job.nodeType)?.job;
  // Of a type that this worker does not know: another one looks at it.
  if (keeper === undefined) return;
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(questionMs)]);
  try {
    if (job.status === 'WAITING') await ask(context, keeper, job, signal);
    else if (job.status === 'CANCELLED') await cancel(context, keeper, job, signal);
    else await endProviderJob(pool, job.id);
  } catch (error) {
    // Asked again by another worker, or by this one when it is back.
    if (stopping.aborted) return;
    logger.warn({ err: error, runId: job.runId, nodeExecutionId: job.id }, 'could not look at a job of a provider');
    const asked = error instanceof RetryableError ? (error.retryAfterMs ?? 0) : 0;
    const backoff = Math.min(againMs.longest, againMs.first * 2 ** (job.failedLooks - 1));
    await lookAgain(pool, job.id, Math.max(asked, backoff), false);
  }
}

async function ask(
  { pool, modelsOf, webOf, ends, notices }: JobLooksContext,
  keeper: JobKeeper,
  job: DueJob,
  signal: AbortSignal,
): Promise<void> {
  const { id, runId, workflowId, nodeId, attempt, userId, ageMs } = job;
  const tools = { models: modelsOf(userId), web: webOf(userId), signal };
  const progress =
    ageMs > longestJobMs
      ? ({ kind: 'over' } as const)
      : await keeper.poll(job.job, tools).catch((error: unknown) => {
          // A silence is no answer; what the provider refuses for good the executor says.
          if (error instanceof RetryableError || signal.aborted) throw error;
          return { kind: 'over' } as const;
        });
  if (progress.kind === 'over') {
    await ends.resume([{ id, runId, attempt, end: { resolution: { outcome: 'answered' }, resolvedBy: null } }]);
    return;
  }
  const { percent, message } = progress;
  if (percent !== null) notices.sendLater({ kind: 'progress', runId, workflowId, nodeId, attempt, percent, message });
  await lookAgain(pool, id, progress.againInMs, true);
}

async function cancel(
  { pool, modelsOf, webOf, logger }: JobLooksContext,
  keeper: JobKeeper,
  job: DueJob,
  signal: AbortSignal,
): Promise<void> {
  const { id, runId, userId } = job;
  try {
    await keeper.cancel(job.job, { models: modelsOf(userId), web: webOf(userId), signal });
  } catch (error) {
    if (error instanceof RetryableError && job.failedLooks < mostCancels) throw error;
    logger.warn({ err: error, runId, nodeExecutionId: id }, 'a provider could not be told to stop');
  }
  await endProviderJob(pool, id);
}
