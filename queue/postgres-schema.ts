import { createPostgresBackend, Queue } from 'bullmq';
import type pg from 'pg';

/** BullMQ's own default; a shared pool has to name it on every connection. */
const schema = 'bullmq';

/** Makes the connections of a pool find BullMQ's tables and functions. */
export function runInPostgresQueueSchema(config: pg.PoolConfig): pg.PoolConfig {
  return { ...config, options: `${config.options ?? ''} -c search_path=${schema}`.trim() };
}

/**
 * Creates or updates the tables of BullMQ's Postgres backend. Idempotent;
 * several processes may call it at once (it takes an advisory lock).
 */
export async function migratePostgresQueue(url: string): Promise<void> {
  const queue = new Queue(
    'migration',
    { connection: { connectionString: url, migrate: true, max: 2 } },
    createPostgresBackend,
  );
  try {
    await queue.waitUntilReady();
  } finally {
    await queue.close();
  }
}
