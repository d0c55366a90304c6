import { drainingWorkerSchema, queuesSchema, workersSchema } from '../../core/api/admin.ts';
import { auditPageSchema } from '../../core/api/audit.ts';
import type { ApiClient } from '../api/client.ts';

/** Requests about the installation, for owners. All of them throw ApiError. */
export function adminApi({ request: call }: Pick<ApiClient, 'request'>) {
  return {
    listAudit: (options: { action?: string; search?: string; cursor?: string }) =>
      call(`/api/admin/audit?${new URLSearchParams(options)}`, { schema: auditPageSchema }),
    listWorkers: () => call('/api/workers', { schema: workersSchema }),
    drainWorker: (id: string) =>
      call(`/api/admin/workers/${id}/drain`, { method: 'POST', schema: drainingWorkerSchema }),
    listQueues: () => call('/api/queues', { schema: queuesSchema }),
  };
}
