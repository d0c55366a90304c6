import type { NodeExecution } from '../../core/api/runs.ts';

/** How a node stands in the run that is shown; `idle` where it has no part in it. */
export type NodeStatus =
  | 'idle'
  | 'not-ready'
  | 'queued'
  | 'running'
  | 'waiting'
  | 'completed'
  | 'cached'
  | 'failed'
  | 'skipped'
  | 'untaken'
  | 'handled'
  | 'cancelled';

/** Whether a failure was handled: then its error went on to what is connected. */
export function isHandled({ status, outputData }: NodeExecution): boolean {
  return status === 'FAILED' && outputData !== null;
}

/** A completed node whose output was reused is `cached`; one that its branch does not lead to is `untaken`. */
export function nodeStatusOf(execution: NodeExecution | undefined): NodeStatus {
  switch (execution?.status) {
    case undefined:
      return 'idle';
    case 'PENDING':
      return 'not-ready';
    case 'QUEUED':
      return 'queued';
    case 'RUNNING':
      return 'running';
    case 'WAITING':
      return 'waiting';
    case 'COMPLETED':
      return execution.cached ? 'cached' : 'completed';
    case 'FAILED':
      return isHandled(execution) ? 'handled' : 'failed';
    case 'SKIPPED':
      return execution.skipReason === 'branch' ? 'untaken' : 'skipped';
    case 'CANCELLED':
      return 'cancelled';
  }
}

/** The same for lists of runs, where a node that waits for others is `pending`. */
export function shownStatusOf(execution: NodeExecution): string {
  return execution.status === 'PENDING' ? 'pending' : nodeStatusOf(execution);
}
