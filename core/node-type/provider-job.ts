import { TerminalError } from '../errors/app-error.ts';
import { Suspension } from './suspension.ts';
import type { NodeOutputs } from './values.ts';

/*
 * Work that a provider does in minutes: it is handed in, asked about, and fetched.
 *
 *   hand in   written down before (`begin`), so that it is done once; what the provider calls it is stored with the wait
 *   ask       by `poll`, again and again, while the node is WAITING and holds nothing
 *   fetch     by the executor, which is called once more when the job is over, however it ended
 *
 * Whatever attempt comes later finds the job and asks about that: nobody pays twice.
 */

/** What a provider calls a job, and all that it takes to ask about it. It goes into a row: no key, and no address with one. */
export type JobHandle = Readonly<Record<string, unknown>>;

/** How a job stands. `over`: it is done, failed, or not known to the provider any more. */
export type JobProgress =
  | {
      readonly kind: 'under-way';
      readonly percent: number | null;
      readonly message: string | null;
      readonly againInMs: number;
    }
  | { readonly kind: 'over' };

/** The job that there is for a node execution. */
export interface StoredJob {
  readonly job: JobHandle;
  /** Milliseconds since it was handed in. */
  readonly ageMs: number;
  /** Whether a failed node execution handed it in for the same work: it may have come to nothing. */
  readonly isTakenOver: boolean;
}

/** The job of one node execution, as its attempts see it. */
export interface AttemptJobs {
  /** Null: none is known. */
  find(): Promise<StoredJob | null>;
  /**
   * Hands a job in, once: `start` is called where no attempt has called it before, or where to call it twice makes one job
   * (`isRepeatable`). It is not cut off when the attempt is, but by a limit of its own. Throws PROVIDER_JOB_LOST where an
   * attempt before began to and nobody knows what came of it.
   *
   * @param options.again in place of one that came to nothing
   */
  handIn(
    start: (signal: AbortSignal) => Promise<JobHandle>,
    options: { readonly isRepeatable: boolean; readonly again?: boolean },
  ): Promise<JobHandle>;
}

/** How a job stands, to its executor. `gone`: it failed, or is not known any more; `error` says so. */
export type JobState<Done> =
  | { readonly kind: 'under-way'; readonly againInMs: number }
  | { readonly kind: 'done'; readonly result: Done }
  | { readonly kind: 'gone'; readonly error: Error };

/** How an executor hands a job in, asks how it stands, cancels it and takes what came of it. */
export interface JobWork<Done> {
  readonly jobs: AttemptJobs;
  /** Milliseconds until the job is asked about for the first time. */
  readonly firstAskMs: number;
  /** Whether handing it in twice makes one job; asked before it is handed in. */
  isRepeatable(): Promise<boolean>;
  start(signal: AbortSignal): Promise<JobHandle>;
  ask(job: JobHandle): Promise<JobState<Done>>;
  cancel(job: JobHandle): Promise<void>;
  finish(result: Done, job: JobHandle): Promise<NodeOutputs>;
}

/** A job that is not over after a day is given up. */
export const longestJobMs = 24 * 3_600_000;

/** What an executor does in each of its attempts: hands the job in, or looks how it stands, and takes what came of it. */
export async function throughJob<Done>(work: JobWork<Done>): Promise<NodeOutputs | Suspension> {
  const stored = await work.jobs.find();
  const waitFor = (job: JobHandle, ms: number) => new Suspension({ kind: 'provider', dueInMs: ms, payload: job });
  const handIn = async (again: boolean) => {
    const isRepeatable = await work.isRepeatable();
    return waitFor(await work.jobs.handIn((signal) => work.start(signal), { isRepeatable, again }), work.firstAskMs);
  };
  if (stored === null) return handIn(false);
  const state = await work.ask(stored.job);
  if (state.kind === 'done') return work.finish(state.result, stored.job);
  // What another run left came to nothing: this one asks for work of its own.
  if (state.kind === 'gone' && stored.isTakenOver) return handIn(true);
  if (state.kind === 'gone') throw state.error;
  if (stored.ageMs < longestJobMs) return waitFor(stored.job, state.againInMs);
  await work.cancel(stored.job).catch(() => {});
  throw new TerminalError(
    'PROVIDER_TIMEOUT',
    'The provider has not finished the job within a day, and it was given up. Check the provider, or run it again.',
  );
}

/** The provider does not know the job any more. */
export function jobLostError(title: string): TerminalError {
  return new TerminalError(
    'PROVIDER_JOB_LOST',
    `${title} does not know the job any more that was handed in for this node, so its result cannot be fetched. It may have been paid for: check there, and run the node again to ask for it anew.`,
  );
}
