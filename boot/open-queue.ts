import type { InstallationConfig } from '../config/installation.ts';
import { openQueueBackend, type QueueBackend } from '../queue/backend.ts';
import { migratePostgresQueue } from '../queue/postgres-schema.ts';

/**
 * Opens the queue that the configuration names: Redis where there is one, else
 * BullMQ's tables in Postgres, which are brought up to date first.
 */
export async function openQueue(
  config: Pick<InstallationConfig, 'redisUrl' | 'redisPrefix' | 'redisClusterNodes' | 'redisCa' | 'databaseDirectUrl'>,
  onError: (error: Error) => void,
): Promise<QueueBackend> {
  if (config.redisUrl !== null) {
    const { redisUrl: url, redisPrefix: prefix, redisClusterNodes: clusterNodes, redisCa: ca } = config;
    return openQueueBackend({ kind: 'redis', url, prefix, clusterNodes, ca }, onError);
  }
  await migratePostgresQueue(config.databaseDirectUrl);
  return openQueueBackend({ kind: 'postgres', url: config.databaseDirectUrl }, onError);
}
