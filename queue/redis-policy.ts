import { TerminalError } from '../core/errors/app-error.ts';
import type { QueueBackend } from './backend.ts';

/**
 * Refuses a Redis that may evict keys: it would drop jobs without an error
 * anywhere. Does nothing on the Postgres backend, and where CONFIG is not
 * allowed (managed Redis) it trusts INFO, which always names the policy.
 */
export async function requireNoEviction(backend: QueueBackend): Promise<void> {
  if (backend.redis === null) return;
  const memory = await backend.redis.info('memory');
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy === undefined || policy === 'noeviction') return;
  throw new TerminalError(
    'SERVICE_UNAVAILABLE',
    `Redis has maxmemory-policy "${policy}", which may drop jobs. Set it to noeviction (redis.conf: "maxmemory-policy noeviction") and start again.`,
  );
}

/**
 * Whether Redis writes what it is told to disk as it comes. Where it does not,
 * a restart of Redis empties the queue: no run is lost, but all wait until the
 * sweeper has filled it again. True on the Postgres backend.
 */
export async function isQueueKeptOnDisk(backend: QueueBackend): Promise<boolean> {
  if (backend.redis === null) return true;
  return /^aof_enabled:1/m.test(await backend.redis.info('persistence'));
}
