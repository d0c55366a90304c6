import { RetryableError } from '../core/errors/app-error.ts';

export interface GuardedCallOptions {
  /** For messages: who is asked. */
  readonly title: string;
  /** The caller's own signal. */
  readonly signal: AbortSignal;
  /** Milliseconds until the first byte. Default: no limit of its own. */
  readonly firstByteMs?: number;
  /** Milliseconds for everything. */
  readonly totalMs: number;
}

export interface GuardedCall {
  /** Aborts on the caller's abort, on a timeout, and when the work has ended in whatever way. */
  readonly signal: AbortSignal;
  /** Says that the provider began to answer. */
  firstByteArrived(): void;
}

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
  const stop = (reason: unknown): void => {
    stopped ??= { reason };
    controller.abort();
  };

  const onCallerAbort = (): void => stop(options.signal.reason);
  options.signal.addEventListener('abort', onCallerAbort, { once: true });
  const total = setTimeout(
    () => stop(timeoutError(options.title, 'finish its answer', options.totalMs)),
    options.totalMs,
  );
  const { firstByteMs } = options;
  const firstByte =
    firstByteMs === undefined
      ? undefined
      : setTimeout(() => stop(timeoutError(options.title, 'begin to answer', firstByteMs)), firstByteMs);

  try {
    return await work({ signal: controller.signal, firstByteArrived: () => clearTimeout(firstByte) });
  } catch (error) {
    // Read through a function: the compiler cannot see that the callbacks above assign it.
    const reason = ((): { readonly reason: unknown } | null => stopped)();
    throw reason === null ? error : reason.reason;
  } finally {
    clearTimeout(total);
    clearTimeout(firstByte);
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
