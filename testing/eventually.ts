import { setTimeout as sleep } from 'node:timers/promises';

/** What lasts for seconds is looked at five times in each: to ask costs whoever is asked more than the wait. */
const longestPauseMs = 200;
/** The share of the time so far that a pause may take: nothing is noticed later by more than that. */
const pauseShare = 0.1;

export interface EventuallyOptions {
  /** Milliseconds until the last error is thrown. Default 540,000, a little less than what a test has: only what never comes true meets it, however busy the machine. */
  readonly timeoutMs?: number;
  /** Milliseconds between the first tries; what takes longer is looked at less often. Default 20. */
  readonly intervalMs?: number;
}

/**
 * Tries `check` until it neither throws nor returns false, and returns what it
 * returned. Throws the last error, or says that it stayed false.
 */
export async function eventually<T>(check: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { timeoutMs = 540_000, intervalMs = 20 } = options;
  const startedAt = performance.now();
  const deadline = startedAt + timeoutMs;
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
    const soFarMs = performance.now() - startedAt;
    await sleep(Math.max(intervalMs, Math.min(soFarMs * pauseShare, longestPauseMs)));
  }
}
