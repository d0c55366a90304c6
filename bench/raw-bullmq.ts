import { randomUUID } from 'node:crypto';
import { createPostgresBackend, createRedisBackend, withBackend, type FlowJob } from 'bullmq';
import { Redis } from 'ioredis';
import { migratePostgresQueue } from '../queue/postgres-schema.ts';
import type { FlowTree, Shape } from './shapes.ts';
import { concurrency, type System } from './system.ts';

const queueName = 'raw';

/**
 * BullMQ alone: flows with as many jobs that do nothing, one worker, no
 * database of ours. What it costs to hand out the work and no more.
 */
export async function createRawBullMq(
  location: { readonly redisUrl: string } | { readonly postgresUrl: string },
): Promise<System> {
  const prefix = `raw-${randomUUID()}`;
  if ('postgresUrl' in location) await migratePostgresQueue(location.postgresUrl);
  const redis = 'redisUrl' in location ? new Redis(location.redisUrl, { maxRetriesPerRequest: null }) : null;
  const onRedis = withBackend(createRedisBackend);
  const onPostgres = withBackend(createPostgresBackend);
  const postgres = 'postgresUrl' in location ? { connectionString: location.postgresUrl } : null;

  const waiting = new Map<string, () => void>();
  const handle = async (job: { id?: string }) => {
    waiting.get(job.id ?? '')?.();
  };
  const limits = { concurrency, removeOnComplete: { count: 0 } };
  const worker =
    redis !== null
      ? new onRedis.Worker(queueName, handle, { connection: redis, prefix, ...limits })
      : new onPostgres.Worker(queueName, handle, { connection: postgres!, ...limits });
  const flows =
    redis !== null
      ? new onRedis.FlowProducer({ connection: redis, prefix })
      : new onPostgres.FlowProducer({ connection: postgres! });
  await worker.waitUntilReady();

  async function run(shape: Shape): Promise<void> {
    const id = `run-${randomUUID()}`;
    const over = new Promise<void>((resolve) => waiting.set(id, resolve));
    await flows.add(flowOf(shape.flow, id));
    await over;
    waiting.delete(id);
  }

  return {
    name: 'raw BullMQ',
    runOnce: run,
    runMany: async (shapes) => {
      await Promise.all(shapes.map(run));
    },
    statements: () => 0,
    stop: async () => {
      await worker.close();
      await flows.close();
      redis?.disconnect();
    },
  };
}

function flowOf(tree: FlowTree, id: string): FlowJob {
  return {
    name: 'job',
    queueName,
    data: {},
    opts: { jobId: id, removeOnComplete: true },
    children: tree.children.map((child) => flowOf(child, `job-${randomUUID()}`)),
  };
}
