import type { Notice } from '../core/events/notice.ts';
import type { ChangedRun } from '../db/run-sql/result.ts';

/** The notices that go out after a commit that changed runs; those about parts are for who has opened their region. */
export function noticesOf(runs: readonly ChangedRun[]): Notice[] {
  const notices: Notice[] = [];
  const regions = new Map<string, Notice>();
  for (const { runId, workflowId, seq, partOf } of runs) {
    if (partOf === null) notices.push({ kind: 'events', runId, workflowId, seq });
    else regions.set(partOf.executionId, { kind: 'parts', ...partOf });
  }
  return [...notices, ...regions.values()];
}
