import { TerminalError } from '../core/errors/app-error.ts';
import type { QueueBackend } from './backend.ts';
import { serversOf } from './redis-connection.ts';

/**
 * Refuses a Redis that may evict keys: it would drop jobs without an error
 * anywhere. Does nothing on the Postgres backend, and where CONFIG is not
 * allowed (managed Redis) it trusts INFO, which always names the policy.
 */
export async function requireNoEviction(backend: QueueBackend): Promise<void> {
  const policies = (await infoOf(backend, 'memory')).map((memory) => /^maxmemory_policy:(\S+)/m.exec(memory)?.[1]);
  const policy = policies.find((found) => found !== undefined && found !== 'noeviction');
  if (policy === undefined) return;
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
  return (await infoOf(backend, 'persistence')).every((persistence) => /^aof_enabled:1/m.test(persistence));
}

/** A part of INFO of every server that holds keys. Waits for the connection. */
async function infoOf({ redis }: QueueBackend, part: string): Promise<string[]> {
  if (redis === null) return [];
  // A cluster knows its servers once it has answered.
  await redis.ping();
  return Promise.all(serversOf(redis).map((server) => server.info(part)));
}
