import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Milliseconds until the last error is thrown. Default 60,000: only what never comes true meets it, however busy the machine. */
  readonly timeoutMs?: number;
  /** Milliseconds between two tries. Default 20. */
  readonly intervalMs?: number;
}

/**
 * Tries `check` until it neither throws nor returns false, and returns what it
 * returned. Throws the last error, or says that it stayed false.
 */
export async function eventually<T>(check: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { timeoutMs = 60_000, intervalMs = 20 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let problem: unknown;
    try {
      const result = await check();
      if (result !== false) return result;
      problem = new Error(`The condition stayed false for ${timeoutMs} ms: ${check.toString().slice(0, 200)}`);
    } catch (error) {
      problem = error;
    }
    if (performance.now() > deadline) throw problem;
    await sleep(intervalMs);
  }
}
