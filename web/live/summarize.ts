import { isNodeFinished } from '../../core/run/status.ts';
import type { RunView } from './run-view.ts';

/** Numbers of nodes. `done` includes failed, skipped and reused ones. */
export interface RunCounts {
  readonly total: number;
  /** Nodes whose state is final. */
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly reused: number;
}

/** Counts only nodes that are part of the run. */
export function summarize(view: RunView): RunCounts {
  let [done, failed, skipped, reused] = [0, 0, 0, 0];
  const states = Object.values(view.nodes);
  for (const { execution } of states) {
    if (isNodeFinished(execution.status)) done += 1;
    if (execution.status === 'FAILED') failed += 1;
    if (execution.status === 'SKIPPED') skipped += 1;
    if (execution.cached) reused += 1;
  }
  return { total: states.length, done, failed, skipped, reused };
}
