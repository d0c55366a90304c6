import { RetryableError } from '../core/errors/app-error.ts';

interface GuardedCallOptions {
  /** For messages: who is asked. */
  readonly title: string;
  /** The caller's own signal. */
  readonly signal: AbortSignal;
  /** Milliseconds of silence before the answer begins. Default: no limit of its own. */
  readonly firstByteMs?: number;
  /** Milliseconds for everything. */
  readonly totalMs: number;
  /** Milliseconds that a whole answer waits for what may still come. */
  readonly lingerMs?: number;
}

/** A call under way, for those who do it: it is ended where the provider says nothing for too long. */
export interface GuardedCall {
  /** Aborts on the caller's abort, on a timeout, and when the work has ended in whatever way. */
  readonly signal: AbortSignal;
  /** Says that the provider is alive, though it has not begun to answer: the first limit runs anew. */
  signOfLife(): void;
  /** Says that the provider began to answer. */
  firstByteArrived(): void;
  /**
   * Says that the answer is whole: what may still come is waited for a moment,
   * then the signal is aborted, which is no failure of the call any more.
   */
  answerIsWhole(): void;
}

/** What comes after the end of an answer (its usage) comes within a moment of it, or not at all. */
const lingerMs = 5_000;

/**
 * Runs one call to a provider within its time limits. Whatever the work throws
 * after a stop is replaced by the reason of the stop: the reason of the
 * caller's signal as it is, or PROVIDER_TIMEOUT. The signal given to the work
 * is aborted at the end in every case, so that no connection outlives the call.
 */
export async function guardCall<Result>(
  options: GuardedCallOptions,
  work: (call: GuardedCall) => Promise<Result>,
): Promise<Result> {
  options.signal.throwIfAborted();
  const controller = new AbortController();
  let stopped: { readonly reason: unknown } | null = null;
  let isWhole = false;
  let linger: NodeJS.Timeout | undefined;
  const stop = (reason: unknown): void => {
    stopped ??= { reason };
    controller.abort();
  };
  const timeOut = (what: string, ms: number): void => {
    if (isWhole) controller.abort();
    else stop(timeoutError(options.title, what, ms));
  };

  const onCallerAbort = (): void => stop(options.signal.reason);
  options.signal.addEventListener('abort', onCallerAbort, { once: true });
  const total = setTimeout(() => timeOut('finish its answer', options.totalMs), options.totalMs);
  const { firstByteMs } = options;
  const firstByte =
    firstByteMs === undefined ? undefined : setTimeout(() => timeOut('start to answer', firstByteMs), firstByteMs);
  const reasonOfStop = (): { readonly reason: unknown } | null => stopped;

  try {
    let hasBegun = false;
    const result = await work({
      signal: controller.signal,
      signOfLife: () => void (hasBegun || firstByte?.refresh()),
      firstByteArrived: () => {
        hasBegun = true;
        clearTimeout(firstByte);
      },
      answerIsWhole: () => {
        isWhole = true;
        clearTimeout(linger);
        linger = setTimeout(() => controller.abort(), options.lingerMs ?? lingerMs);
      },
    });
    options.signal.throwIfAborted();
    return result;
  } catch (error) {
    // Read through a function: the compiler cannot see that the callbacks above assign it.
    const reason = reasonOfStop();
    throw reason === null ? error : reason.reason;
  } finally {
    clearTimeout(total);
    clearTimeout(firstByte);
    clearTimeout(linger);
    options.signal.removeEventListener('abort', onCallerAbort);
    controller.abort();
  }
}

function timeoutError(title: string, what: string, ms: number): RetryableError {
  const seconds = Number((ms / 1000).toFixed(1));
  return new RetryableError(
    'PROVIDER_TIMEOUT',
    `${title} did not ${what} within ${seconds} s. It may be busy: try again later, or choose a faster model.`,
    { details: { limitMs: ms } },
  );
}
