import { serversOf, type RedisConnection } from './redis-connection.ts';

/**
 * How safe jobs are in a Redis. CONFIG is not allowed everywhere (managed
 * Redis); INFO is, and always names the policy.
 */
export function redisStorage(redis: RedisConnection): {
  evictionPolicy(): Promise<string | null>;
  isKeptOnDisk(): Promise<boolean>;
} {
  /** A part of INFO of every server that holds keys. */
  async function infoOf(part: string): Promise<string[]> {
    // A cluster knows its servers once it has answered.
    await redis.ping();
    return Promise.all(serversOf(redis).map((server) => server.info(part)));
  }

  return {
    evictionPolicy: async () => {
      const policies = (await infoOf('memory')).map((memory) => /^maxmemory_policy:(\S+)/m.exec(memory)?.[1]);
      return policies.find((policy) => policy !== undefined && policy !== 'noeviction') ?? null;
    },
    isKeptOnDisk: async () => (await infoOf('persistence')).every((persistence) => /^aof_enabled:1/m.test(persistence)),
  };
}
