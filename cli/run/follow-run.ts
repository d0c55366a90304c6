import { setTimeout as sleep } from 'node:timers/promises';
import type { RunDetail } from '../../core/api/runs.ts';
import type { ApiClient } from './api-client.ts';
import { createProgress } from './progress.ts';

/** As shells count an end by Ctrl-C. */
export const interruptedCode = 130;
/** Often enough to look live, rare enough not to be felt by the server. */
const pollMs = 250;

interface FollowOptions {
  readonly interrupted: AbortSignal;
  /** Saves what a run that is over has put out, and returns the paths. */
  readonly save: (run: RunDetail) => Promise<readonly string[]>;
  readonly say: (text: string) => void;
  readonly print: (text: string) => void;
}

/**
 * Shows a run until it is over and saves its outputs; when interrupted, cancels it first. Returns 0 when it completed, 1 when
 * it failed, 130 when it was interrupted.
 */
export async function followRun(
  api: ApiClient,
  runId: string,
  { interrupted, save, say, print }: FollowOptions,
): Promise<number> {
  const progress = createProgress({
    isTerminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 80,
    rows: process.stderr.rows ?? 24,
    write: (text) => void process.stderr.write(text),
  });

  let isCancelling = false;
  for (;;) {
    const run = await api.readRun(runId);
    progress.show(run);
    if (run.finishedAt !== null) {
      (await save(run)).forEach(print);
      if (run.error !== null) say(run.error);
      if (interrupted.aborted) return interruptedCode;
      return run.status === 'COMPLETED' ? 0 : 1;
    }
    if (interrupted.aborted && !isCancelling) {
      isCancelling = true;
      say('canceling the run ...');
      await api.cancelRun(runId);
    }
    // Ctrl-C ends the pause early; while cancelling, pauses are ordinary ones.
    await sleep(pollMs, undefined, isCancelling ? {} : { signal: interrupted }).catch(() => {});
  }
}
