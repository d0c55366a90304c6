import type { ReadyNode } from '../db/run-sql/result.ts';
import type { NodeJob } from '../queue/run-queue.ts';

/** The jobs that wake workers for attempts. Inline nodes that nobody completed on the spot become ordinary jobs. */
export function jobsOf(ready: readonly (ReadyNode & { readonly delayMs?: number })[]): NodeJob[] {
  return ready.map(({ id, runId, attempt, pool, isOfPart, delayMs = 0 }) => ({
    id,
    runId,
    attempt,
    pool: pool === 'inline' ? 'io' : pool,
    delayMs,
    isAlone: isOfPart,
  }));
}
