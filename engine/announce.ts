import type { Notice } from '../core/events/notice.ts';
import type { ChangedRun } from '../db/run-sql/result.ts';

/** The notices that go out after a commit that changed runs. */
export function noticesOf(runs: readonly ChangedRun[]): Notice[] {
  return runs.map(({ runId, workflowId, seq }) => ({ kind: 'events', runId, workflowId, seq }));
}
