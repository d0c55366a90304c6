import { TerminalError } from '../core/errors/app-error.ts';
import type { QueueBackend } from './backend.ts';

/** Refuses a Redis that may evict keys: it would drop jobs without an error anywhere. Does nothing on Postgres. */
export async function requireNoEviction({ storage }: Pick<QueueBackend, 'storage'>): Promise<void> {
  const policy = await storage.evictionPolicy();
  if (policy === null) return;
  throw new TerminalError(
    'SERVICE_UNAVAILABLE',
    `Redis has maxmemory-policy "${policy}", which may drop jobs. Set it to noeviction (redis.conf: "maxmemory-policy noeviction") and start again.`,
  );
}
