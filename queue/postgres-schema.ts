import { createPostgresBackend, Queue } from 'bullmq';
import type pg from 'pg';

/** BullMQ's own default; a shared pool has to name it on every connection. */
const schema = 'bullmq';

/** Makes the connections of a pool find BullMQ's tables and functions. */
export function runInPostgresQueueSchema(config: pg.PoolConfig): pg.PoolConfig {
  return { ...config, options: `${config.options ?? ''} -c search_path=${schema}`.trim() };
}

/**
 * BullMQ looks at its tables on a connection to whose errors nobody listens: one that broke meanwhile would end the process.
 * Whoever waits for the answer gets the error in its place.
 */
const createHeardBackend: typeof createPostgresBackend = (...args) => {
  const backend = createPostgresBackend(...args);
  backend.connection['pool'].on('connect', (client) => client.on('error', () => {}));
  return backend;
};

/**
 * Creates or updates the tables of BullMQ's Postgres backend. Idempotent;
 * several processes may call it at once (it takes an advisory lock). Throws where Postgres is away, or breaks off.
 */
export async function migratePostgresQueue(url: string): Promise<void> {
  const queue = new Queue(
    'migration',
    { connection: { connectionString: url, migrate: true, max: 2 } },
    createHeardBackend,
  );
  try {
    await queue.waitUntilReady();
  } finally {
    await queue.close();
  }
}
