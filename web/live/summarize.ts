import { isNodeFinished } from '../../core/run/status.ts';
import { nodeStatusOf } from './node-status.ts';
import type { RunView } from './run-view.ts';

/** Numbers of nodes. `done` includes failed, skipped and reused ones. */
export interface RunCounts {
  readonly total: number;
  /** Nodes whose state is final. */
  readonly done: number;
  readonly failed: number;
  /** Failures whose error led on. */
  readonly handled: number;
  readonly skipped: number;
  /** Skipped because their branch was not taken. */
  readonly untaken: number;
  readonly reused: number;
}

/** Counts only nodes that are part of the run. */
export function summarize(view: RunView): RunCounts {
  let [done, failed, handled, skipped, untaken, reused] = [0, 0, 0, 0, 0, 0];
  const states = Object.values(view.nodes);
  for (const { execution } of states) {
    if (isNodeFinished(execution.status)) done += 1;
    const status = nodeStatusOf(execution);
    if (status === 'failed') failed += 1;
    if (status === 'handled') handled += 1;
    if (status === 'skipped') skipped += 1;
    if (status === 'untaken') untaken += 1;
    if (execution.cached) reused += 1;
  }
  return { total: states.length, done, failed, handled, skipped, untaken, reused };
}
