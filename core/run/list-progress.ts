import type { PartsProgress } from '../api/runs.ts';
import { isNodeFinished, type NodeExecutionStatus } from './status.ts';

/** Elements of a list that are over, of all. */
interface ListProgress {
  readonly over: number;
  readonly total: number;
}

interface Going {
  readonly status: NodeExecutionStatus;
  readonly parts: PartsProgress | null;
}

/**
 * How far a run has come with the list that it goes through; null where it goes through none. Of nodes that follow one another
 * in a list the last one counts: what has passed it is done with.
 */
export function listProgress(executions: readonly Going[]): ListProgress | null {
  const open = executions.flatMap(({ status, parts }) => {
    if (parts === null || isNodeFinished(status)) return [];
    return [{ over: parts.done + parts.failed + parts.skipped, total: parts.total }];
  });
  return open.toSorted((one, other) => one.over - other.over)[0] ?? null;
}

/** `7 of 20`. */
export function listProgressWords({ over, total }: ListProgress): string {
  return `${over.toLocaleString()} of ${total.toLocaleString()}`;
}
