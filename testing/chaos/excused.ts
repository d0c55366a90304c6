import { maxCrashes } from '../../core/run/decide.ts';
import { defaultRetryPolicy } from '../../core/run/retry.ts';
import type { HistoryNode, HistoryRun } from './history.ts';

/** What may end a node that the graph lets succeed: three dead workers, or a disk that stayed full for three tries. */
const excusing = new Set(['NODE_CRASHED_WORKER', 'STORAGE_FULL']);

/** Whether faults brought a node down that was to do something else. */
export function isExcused(node: HistoryNode, expected: string, run: HistoryRun): boolean {
  if (expected === 'SKIPPED' || node.status !== 'FAILED') return false;
  // One call may be refused: a full disk took all the tries but that one.
  if (node.errorCode === 'PROVIDER_RATE_LIMITED') {
    const onFullDisk = run.events.filter(
      ({ nodeExecutionId, status, errorCode }) =>
        nodeExecutionId === node.id && status === 'QUEUED' && errorCode === 'STORAGE_FULL',
    );
    return onFullDisk.length === defaultRetryPolicy.maxTries - 1;
  }
  if (!excusing.has(node.errorCode ?? '')) return false;
  return node.errorCode !== 'NODE_CRASHED_WORKER' || node.crashCount >= maxCrashes;
}
