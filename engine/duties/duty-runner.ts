import type { Logger } from '../../core/node-type/executor.ts';
import { isTransientDatabaseError } from '../outage.ts';
import type { Duty } from './duty.ts';

/** Which duties are done, how often, and by what clock. */
export interface DutyRunnerOptions<Context> {
  /** What the log calls the list. */
  readonly name: string;
  /** In the order in which they are done. */
  readonly duties: readonly Duty<Context>[];
  readonly context: Context;
  readonly logger: Logger;
  /** Milliseconds from the end of a round to the next one; a function is asked after each round. */
  readonly everyMs: number | (() => number);
  /** Milliseconds until the first round. Default 0: at once. */
  readonly firstAfterMs?: number;
  /** Does the round where no other process is at one, and says whether it did. Default: any number may be at it. */
  readonly exclusively?: (round: () => Promise<void>) => Promise<boolean>;
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  readonly now?: () => number;
}

/** Does its duties in rounds while it runs. */
export interface DutyRunner {
  start(): void;
  /** One round now. False: another process is at one. Throws where the database is away. */
  round(): Promise<boolean>;
  /** Begins no further duty and waits for the one under way. */
  stop(): Promise<void>;
}

/** One that failed is due again after this share of its time. */
const shareAfterFailure = 1 / 10;

/**
 * Does the duties of a list one after another, in rounds. One that fails is told to the log and keeps none of the others
 * from being done; only where the database is away the whole round is broken off, since they would all wait for it.
 */
export function createDutyRunner<Context extends object>(options: DutyRunnerOptions<Context>): DutyRunner {
  const { name, duties, context, logger, everyMs, firstAfterMs = 0, now = () => performance.now() } = options;
  const exclusively = options.exclusively ?? (async (round) => (await round(), true));
  const stopping = new AbortController();
  const { signal } = stopping;
  const dueAt = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> = Promise.resolve();

  async function doDue(): Promise<void> {
    const hurried = new Set<string>();
    for (const duty of duties) {
      if (signal.aborted) return;
      const isDue = now() >= (dueAt.get(duty.name) ?? Number.NEGATIVE_INFINITY);
      if (isDue || hurried.has(duty.name)) await doOne(duty, hurried);
    }
  }

  async function doOne(duty: Duty<Context>, hurried: Set<string>): Promise<void> {
    const dutyMs = typeof duty.everyMs === 'number' ? duty.everyMs : duty.everyMs(context);
    try {
      await duty.run({ ...context, signal, hurry: (other) => void hurried.add(other.name) });
      dueAt.set(duty.name, now() + dutyMs);
    } catch (error) {
      if (signal.aborted) return;
      dueAt.set(duty.name, now() + dutyMs * shareAfterFailure);
      if (isTransientDatabaseError(error)) throw error;
      logger.error({ err: error, duty: duty.name }, 'a duty failed; it is tried again');
    }
  }

  function schedule(waitMs: number): void {
    if (signal.aborted) return;
    timer = setTimeout(() => {
      working = exclusively(doDue)
        .catch((error: unknown) => {
          if (signal.aborted) return;
          const level = isTransientDatabaseError(error) ? 'warn' : 'error';
          logger[level]({ err: error, duties: name }, 'a round of duties was broken off; the next one goes on');
        })
        .finally(() => schedule(typeof everyMs === 'number' ? everyMs : everyMs()));
    }, waitMs);
  }

  return {
    round: () => exclusively(doDue),
    start: () => schedule(firstAfterMs),
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await working;
    },
  };
}
