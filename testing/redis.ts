import { randomBytes } from 'node:crypto';
import { readTestServices } from './config.ts';

export interface TestRedis {
  readonly url: string;
  /** Put in front of every key, so that test files do not see each other. */
  readonly prefix: string;
}

/** The throw-away Redis with a prefix of its own. Throws when there is none: call it inside `describeOnRedis`. */
export function createTestRedis(): TestRedis {
  const { redisUrl } = readTestServices();
  if (redisUrl === undefined) throw new Error('There is no Redis on this machine; put the test into describeOnRedis.');
  return { url: redisUrl, prefix: `test-${randomBytes(8).toString('hex')}` };
}
