import type { NodeExecution } from '../../core/api/runs.ts';

/** How a node stands in the run that is shown; `idle` where it has no part in it. */
export type NodeStatus =
  'idle' | 'not-ready' | 'queued' | 'running' | 'completed' | 'cached' | 'failed' | 'skipped' | 'cancelled';

/** A completed node whose output was reused is `cached`. */
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
    case 'COMPLETED':
      return execution.cached ? 'cached' : 'completed';
    case 'FAILED':
      return 'failed';
    case 'SKIPPED':
      return 'skipped';
    case 'CANCELLED':
      return 'cancelled';
  }
}
