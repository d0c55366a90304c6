import { expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';
import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { createTestRedis } from '../testing/redis.ts';
import { connectToRedis } from './redis-connection.ts';

describeOnRedis('a connection to Redis', () => {
  test('whose socket tells of a second error heals as it does after the first', async () => {
    const errors: string[] = [];
    const redis = connectToRedis(createTestRedis(), { maxRetriesPerRequest: null, socketTimeout: 60_000 });
    redis.on('error', ({ message }: Error) => errors.push(message));
    try {
      expect(await redis.ping()).toBe('PONG');
      const { stream } = redis as Redis & { readonly stream: Socket };
      stream.destroy(new Error('the certificate is not believed'));
      await new Promise((resolve) => stream.once('close', resolve));
      // Nobody listening would end the process.
      stream.emit('error', new Error('the server has heard of it'));
      expect(await redis.ping()).toBe('PONG');
      expect(errors).toEqual(['the certificate is not believed']);
    } finally {
      redis.disconnect();
    }
  });
});
