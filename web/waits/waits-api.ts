import { waitPageSchema, waitSchema, type AnswerWaitBody, type Wait, type WaitPage } from '../../core/api/waits.ts';
import type { ApiClient } from '../api/client.ts';

/** One page of open questions, the oldest first. */
export function listOpenWaits(
  api: ApiClient,
  {
    runId,
    nodeId,
    cursor,
  }: { readonly runId?: string; readonly nodeId?: string; readonly cursor?: string | undefined },
  signal?: AbortSignal,
): Promise<WaitPage> {
  const query = new URLSearchParams({
    status: 'open',
    ...(runId !== undefined && { runId }),
    ...(nodeId !== undefined && { nodeId }),
    ...(cursor !== undefined && { cursor }),
  });
  return api.request(`/api/waits?${query.toString()}`, { schema: waitPageSchema, signal });
}

/** Throws ApiError; WAIT_RESOLVED where somebody was first. */
export function answerWait(api: ApiClient, id: string, body: AnswerWaitBody, key: string): Promise<Wait> {
  const headers = { 'Idempotency-Key': key };
  return api.request(`/api/waits/${id}`, { method: 'POST', body, headers, schema: waitSchema });
}
