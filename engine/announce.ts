import type { Notice } from '../core/events/notice.ts';
import type { ChangedRun } from '../db/run-sql/result.ts';

/** The notices that go out after a commit that changed runs; parts of runs are nobody's news. */
export function noticesOf(runs: readonly ChangedRun[]): Notice[] {
  return runs
    .filter(({ partOf }) => partOf === null)
    .map(({ runId, workflowId, seq }) => ({ kind: 'events', runId, workflowId, seq }));
}
