import { steeredListSchema, type ListAction, type SteeredList } from '../../../core/api/parts.ts';
import type { NodeExecution } from '../../../core/api/runs.ts';
import type { ChosenElements } from '../../../core/graph/each.ts';
import { ApiError } from '../../api/api-error.ts';
import type { ApiClient } from '../../api/client.ts';
import type { WorkflowStore } from '../../store/types.ts';

/** What a failed request is told as. */
export const steeringFailures: Readonly<Record<ListAction, string>> = {
  pause: 'The list could not be paused',
  goOn: 'The list could not go on',
  cancel: 'The list could not be canceled',
  retryFailed: 'The elements could not be retried',
};

/**
 * Pauses a list that a run goes through, goes on with it, cancels it, or retries elements that failed; events tell of it. Throws
 * ApiError.
 *
 * @param at of `retryFailed`: the places of the elements in the run, from 0. Default: all that failed
 */
export function steerList(
  api: Pick<ApiClient, 'request'>,
  { runId, partId, nodeId }: Pick<NodeExecution, 'runId' | 'partId' | 'nodeId'>,
  action: ListAction,
  at?: readonly number[],
): Promise<SteeredList> {
  return api.request(`/api/runs/${runId}/lists`, {
    method: 'POST',
    body: { nodeId, action, ...(partId !== null && { partId }), ...(at !== undefined && { at }) },
    schema: steeredListSchema,
  });
}

/**
 * Runs a node on some elements of its list. What comes before it is taken from earlier runs; where there is nothing of it
 * yet, it runs as well.
 */
export async function runOnSome(
  { runPart }: Pick<WorkflowStore, 'runPart'>,
  nodeId: string,
  only: ChosenElements,
): Promise<void> {
  const elements = { nodeId, only: 'first' in only ? only : { at: [...only.at] } };
  let isAlone = true;
  await runPart('selected', [nodeId], { elements }, (error) => {
    isAlone = !(error instanceof ApiError && error.code === 'MISSING_UPSTREAM_OUTPUT');
    return !isAlone;
  });
  if (!isAlone) await runPart('to', [nodeId], { elements });
}
