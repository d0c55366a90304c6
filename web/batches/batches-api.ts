import { z } from 'zod';
import {
  batchEstimateSchema,
  batchPageSchema,
  batchRowPageSchema,
  batchSchema,
  type BatchRowStatus,
  type createBatchBodySchema,
} from '../../core/api/batches.ts';
import { workflowInterfaceSchema } from '../../core/api/workflows.ts';
import type { ApiClient } from '../api/client.ts';

export type NewBatch = z.input<typeof createBatchBodySchema>;
/** What can be done with a batch; `retry` runs rows that are not done once more. */
export type BatchAct = 'pause' | 'resume' | 'cancel' | 'retry';

/** Requests about the batches of a workflow. All of them throw ApiError. */
export function batchesApi({ request: call }: Pick<ApiClient, 'request'>) {
  const ofWorkflow = (workflowId: number) => `/api/workflows/${workflowId}/batches`;
  const query = (cursor: string | null) => (cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`);
  return {
    list: (workflowId: number, cursor: string | null) =>
      call(`${ofWorkflow(workflowId)}?limit=20${query(cursor)}`, { schema: batchPageSchema }),
    estimate: (workflowId: number, body: Pick<NewBatch, 'rows' | 'window'>) =>
      call(`${ofWorkflow(workflowId)}/estimate`, { method: 'POST', body, schema: batchEstimateSchema }),
    create: (workflowId: number, key: string, body: NewBatch) =>
      call(ofWorkflow(workflowId), {
        method: 'POST',
        body,
        headers: { 'idempotency-key': key },
        schema: batchSchema,
      }),
    read: (id: string) => call(`/api/batches/${id}`, { schema: batchSchema }),
    rows: (id: string, status: BatchRowStatus | null, cursor: string | null) =>
      call(`/api/batches/${id}/rows?limit=50${status === null ? '' : `&status=${status}`}${query(cursor)}`, {
        schema: batchRowPageSchema,
      }),
    act: (id: string, act: BatchAct, body: object = {}) =>
      call(`/api/batches/${id}/${act}`, { method: 'POST', ...(act === 'retry' && { body }), schema: batchSchema }),
    remove: (id: string) => call(`/api/batches/${id}`, { method: 'DELETE', schema: z.undefined() }),
    /** Of what is live, or of the draft where nothing was published. */
    interfaceOf: (workflowId: number) =>
      call(`/api/workflows/${workflowId}/interface`, { schema: workflowInterfaceSchema }),
  };
}

/** The requests by name. */
export type BatchesApi = ReturnType<typeof batchesApi>;

/** What belongs to the batches of a workflow is kept under this. */
export const batchesKey = (workflowId: number) => ['batches', workflowId] as const;
/** What belongs to one batch is kept under this. */
export const batchKey = (id: string) => ['batch', id] as const;

/** How often a batch that is under way is asked for. */
export const askAgainMs = 2_000;
