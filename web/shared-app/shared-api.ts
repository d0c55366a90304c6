import { sharedAppSchema, sharedRunListSchema, sharedRunSchema } from '../../core/api/links.ts';
import type { ApiClient } from '../api/client.ts';

/** Requests of whoever came by a link. All of them throw ApiError. */
export function sharedApi({ request: call }: Pick<ApiClient, 'request'>, token: string) {
  const path = `/api/shared/${encodeURIComponent(token)}`;
  const run = (id: string) => `${path}/runs/${id}`;
  return {
    /** Where files are read and uploaded. */
    files: `${path}/files`,
    events: (id: string) => `${run(id)}/events`,
    app: () => call(path, { schema: sharedAppSchema }),
    runs: async () => (await call(`${path}/runs`, { schema: sharedRunListSchema })).items,
    run: (id: string) => call(run(id), { schema: sharedRunSchema }),
    start: (inputs: Readonly<Record<string, unknown>>, key: string) =>
      call(`${path}/runs`, {
        method: 'POST',
        body: { inputs },
        headers: { 'idempotency-key': key },
        schema: sharedRunSchema,
      }),
    cancel: (id: string) => call(`${run(id)}/cancel`, { method: 'POST', schema: sharedRunSchema }),
  };
}

/** What `sharedApi` gives. */
export type SharedApi = ReturnType<typeof sharedApi>;
