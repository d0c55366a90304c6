import { TerminalError } from '../../core/errors/app-error.ts';

/** The same answer for a workflow that does not exist and for somebody else's. */
export function workflowNotFound(id: number): TerminalError {
  return new TerminalError('WORKFLOW_NOT_FOUND', `There is no workflow ${id}. Choose one from the list.`);
}

/** The same answer for a run that does not exist and for somebody else's. */
export function runNotFound(id: string): TerminalError {
  return new TerminalError('RUN_NOT_FOUND', `There is no run ${id}. Choose one from the list.`);
}

/** The same answer for a question that does not exist and for somebody else's. */
export function waitNotFound(id: string): TerminalError {
  return new TerminalError('WAIT_NOT_FOUND', `There is no question ${id}. Choose one from the list.`);
}

/** The node is executed once in the run, or not at all. */
export function notRepeated(runId: string, nodeId: string): TerminalError {
  return new TerminalError(
    'NODE_NOT_FOUND',
    `Run ${runId} has no node "${nodeId}" that is executed once for each element of a list, or calls a workflow. Choose another one.`,
  );
}

/** The run has no such part. */
export function partNotFound(runId: string, partId: string): TerminalError {
  return new TerminalError('RUN_NOT_FOUND', `Run ${runId} has no part ${partId}. Read its parts again.`);
}

/** There is no such account, or it was removed. */
export function memberNotFound(id: string): TerminalError {
  return new TerminalError('MEMBER_NOT_FOUND', `There is no account ${id}. Choose one from the list.`);
}

/** The same answer for a batch that does not exist and for one of somebody else's workflow. */
export function batchNotFound(id: string): TerminalError {
  return new TerminalError('BATCH_NOT_FOUND', `There is no batch ${id}. Choose one from the list of its workflow.`);
}

/** The same answer for a trigger that does not exist and for one of somebody else's workflow. */
export function triggerNotFound(id: string): TerminalError {
  return new TerminalError('TRIGGER_NOT_FOUND', `There is no trigger ${id}. Choose one from the list of its workflow.`);
}
