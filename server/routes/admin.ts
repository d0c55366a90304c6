import { queuesSchema, workersSchema } from '../../core/api/admin.ts';
import { countWork } from '../../db/queries/count-work.ts';
import { listWorkers } from '../../db/queries/list-workers.ts';
import type { ServerDependencies } from '../deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';

/** What an operator looks at: the workers and the work that waits. */
export function adminRoutes({ db, queue, settings, logger }: ServerDependencies): AnyRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/workers',
      tag: 'Operation',
      summary: 'List the workers',
      auth: 'owner',
      responses: { 200: { description: 'Newest first.', schema: workersSchema } },
      handler: async () => ({ status: 200, body: { items: await listWorkers(db, settings.leaseMs) } }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/queues',
      tag: 'Operation',
      summary: 'How much work waits, and how long',
      auth: 'owner',
      responses: { 200: { description: 'As Postgres and the queue see it.', schema: queuesSchema } },
      handler: async () => {
        const [pools, counts] = await Promise.all([
          countWork(db),
          queue.counts().catch((error: unknown) => {
            logger.warn({ err: error }, 'the queue does not answer');
            return null;
          }),
        ]);
        const jobs = counts?.map(({ queue: name, ...rest }) => ({ queue: name, counts: rest })) ?? null;
        return { status: 200, body: { pools, jobs } };
      },
    }),
  ];
}
