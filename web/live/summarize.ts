import type { NodeExecution, RunSummary } from '../../core/api/runs.ts';
import type { WorkflowSummary } from '../../core/api/workflows.ts';
import { nodeStatusOf } from './node-status.ts';
import type { RunView } from './run-view.ts';

/** Numbers of nodes; each node counts once. */
export interface RunCounts {
  readonly total: number;
  /** Completed, `reused` included. */
  readonly done: number;
  readonly failed: number;
  /** Failures whose error led on. */
  readonly handled: number;
  /** Something that they depend on failed. */
  readonly notReached: number;
  /** Their branch was not taken. */
  readonly untaken: number;
  readonly cancelled: number;
  /** Not finished yet. */
  readonly open: number;
  /** Completed without running: an earlier result stands in. */
  readonly reused: number;
}

/** Counts only nodes that are part of the run. */
export function summarize(view: RunView): RunCounts {
  const executions = Object.values(view.nodes).map(({ execution }) => execution);
  const statuses = executions.map(nodeStatusOf);
  const count = (...wanted: string[]) => statuses.filter((status) => wanted.includes(status)).length;
  const [done, failed, handled] = [count('completed', 'cached'), count('failed'), count('handled')];
  const [notReached, untaken, cancelled] = [count('skipped'), count('untaken'), count('cancelled')];
  const total = executions.length;
  return {
    total,
    done,
    failed,
    handled,
    notReached,
    untaken,
    cancelled,
    open: total - done - failed - handled - notReached - untaken - cancelled,
    reused: count('cached'),
  };
}

/** `8 done, 1 failed, 1 not reached`: what became of the nodes of a finished run, without what there is none of. */
export function countsInWords(counts: RunCounts): string {
  const { done, failed, handled, notReached, untaken, cancelled, open } = counts;
  const words: readonly (readonly [number, string])[] = [
    [done, 'done'],
    [failed, 'failed'],
    [handled, 'failed and handled'],
    [notReached, 'not reached'],
    [untaken, 'not taken'],
    [cancelled, 'canceled'],
    [open, 'open'],
  ];
  return words
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count.toLocaleString()} ${word}`)
    .join(', ');
}

/**
 * How a run stands, as its icon says it: one that does nothing but wait, for a person, a time or a provider, does not
 * turn its wheel.
 */
export function standingOf(run: Pick<RunSummary, 'status'>, executions: readonly NodeExecution[]): string {
  if (run.status !== 'RUNNING') return run.status;
  const has = (...wanted: NodeExecution['status'][]) => executions.some(({ status }) => wanted.includes(status));
  return has('WAITING') && !has('RUNNING', 'QUEUED') ? 'WAITING' : run.status;
}

/** The same where its executions are not known, as in the list of workflows. */
export function standingOfLastRun({ status, isWaiting }: NonNullable<WorkflowSummary['lastRun']>): string {
  return isWaiting ? 'WAITING' : status;
}
