import { workflowCallersSchema, workflowContractSchema } from '../../core/api/calls.ts';
import type { ApiClient } from '../api/client.ts';

/** Requests about workflows that call one another. All of them throw ApiError. */
export function callsApi({ request: call }: Pick<ApiClient, 'request'>) {
  return {
    /** `version`: null for that which is live. */
    contract: (id: number, version: number | null) =>
      call(`/api/workflows/${id}/contract${version === null ? '' : `?version=${version}`}`, {
        schema: workflowContractSchema,
      }),
    callers: (id: number) => call(`/api/workflows/${id}/callers`, { schema: workflowCallersSchema }),
  };
}
