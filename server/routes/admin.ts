import { drainingWorkerSchema, queuesSchema, workersSchema } from '../../core/api/admin.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { countRecentRuns } from '../../db/runs/count-recent.ts';
import { countWork } from '../../db/nodes/count.ts';
import { listWorkers } from '../../db/workers/list.ts';
import { requestWorkerDrain } from '../../db/workers/request-drain.ts';
import type { ServerDependencies } from './deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { workerParams } from './parameters.ts';

/** What counts as recent: an hour. */
const recentMs = 60 * 60_000;

/** What an operator looks at: the workers and the work that waits. */
export function adminRoutes({ db, pool, queue, settings, logger }: ServerDependencies): AnyRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/workers',
      tag: 'Operation',
      summary: 'List the workers',
      auth: 'owner',
      scope: 'read',
      place: 'installation',
      responses: { 200: { description: 'Newest first.', schema: workersSchema } },
      handler: async () => ({ status: 200, body: { items: await listWorkers(db, settings.leaseMs) } }),
    }),
    defineRoute({
      method: 'post',
      path: '/api/admin/workers/:id/drain',
      tag: 'Operation',
      summary: 'Let a worker take no more work',
      auth: 'owner',
      scope: 'write',
      place: 'installation',
      notFound: 'WORKER_NOT_FOUND',
      audit: { action: 'worker.drain', subject: 'worker' },
      params: workerParams,
      responses: {
        202: {
          description: 'It finishes what it runs, or hands it back, and stays idle until it is stopped or restarted.',
          schema: drainingWorkerSchema,
        },
      },
      async handler({ params }) {
        if (await requestWorkerDrain(pool, params.id))
          return { status: 202, body: { id: params.id, draining: true as const } };
        throw new TerminalError(
          'WORKER_NOT_FOUND',
          `There is no worker ${params.id}, or it is gone already. Choose one from the list.`,
        );
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/queues',
      tag: 'Operation',
      summary: 'How much work waits, and how long',
      auth: 'owner',
      scope: 'read',
      place: 'installation',
      responses: { 200: { description: 'As Postgres and the queue see it.', schema: queuesSchema } },
      handler: async () => {
        const [pools, lastHour, counts] = await Promise.all([
          countWork(db),
          countRecentRuns(db, recentMs),
          queue.counts().catch((error: unknown) => {
            logger.warn({ err: error }, 'the queue does not answer');
            return null;
          }),
        ]);
        const jobs = counts?.map(({ queue: name, ...rest }) => ({ queue: name, counts: rest })) ?? null;
        return { status: 200, body: { pools, jobs, lastHour } };
      },
    }),
  ];
}
