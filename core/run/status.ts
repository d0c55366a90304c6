/** run: PENDING -> RUNNING -> COMPLETED | FAILED | CANCELLED */
export const runStatuses = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export type RunStatus = (typeof runStatuses)[number];

/**
 * - PENDING waits for dependencies, QUEUED may be claimed, RUNNING is held by one worker's attempt.
 * - WAITING: for a person, a moment or somebody else's work; no worker, job or slot is held for it.
 * - SKIPPED: a dependency failed, or a branch that was not taken leads here; see `SkipReason`.
 */
export const nodeExecutionStatuses = [
  'PENDING',
  'QUEUED',
  'RUNNING',
  'WAITING',
  'COMPLETED',
  'FAILED',
  'SKIPPED',
  'CANCELLED',
] as const;
export type NodeExecutionStatus = (typeof nodeExecutionStatuses)[number];

/** Why a node was skipped: its branch was not taken, which is no failure, or something that it depends on has failed. */
export const skipReasons = ['branch', 'failed'] as const;
export type SkipReason = (typeof skipReasons)[number];

/** Of a node execution, by its status and error code; null where it was not skipped. */
export function skipReasonOf(status: NodeExecutionStatus, errorCode: string | null): SkipReason | null {
  if (status !== 'SKIPPED') return null;
  return errorCode === null ? 'branch' : 'failed';
}

/**
 * What started a run. `RETRY`: a run that goes on from a failed one. `WORKFLOW`: the end of another workflow. `FILE`: a new
 * file. `LINK`: somebody who came by a link to the app.
 */
export const triggerTypes = [
  'MANUAL',
  'API',
  'WEBHOOK',
  'SCHEDULE',
  'RETRY',
  'BATCH',
  'WORKFLOW',
  'FILE',
  'LINK',
] as const;
export type TriggerType = (typeof triggerTypes)[number];

/** Which part of a workflow runs: the whole, the named nodes, or also what comes after or before them. */
export const runModes = ['all', 'selected', 'from', 'to'] as const;
export type RunMode = (typeof runModes)[number];

/** Finished states are final. */
export function isRunFinished(status: RunStatus): boolean {
  return status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';
}

/** Finished states are final. */
export function isNodeFinished(status: NodeExecutionStatus): boolean {
  return status === 'COMPLETED' || status === 'FAILED' || status === 'SKIPPED' || status === 'CANCELLED';
}
