import { describe } from '@jest/globals';
import { readTestServices } from './config.ts';

/** `describe` for tests that need Redis: skipped, with the reason printed, where none could be had. */
export function describeOnRedis(title: string, tests: () => void): void {
  if (readTestServices().redisUrl !== undefined) {
    describe(title, tests);
    return;
  }
  process.stderr.write(`SKIPPED "${title}": there is no redis-server or valkey-server on this machine.\n`);
  describe.skip(title, tests);
}
