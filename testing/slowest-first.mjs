import { existsSync } from 'node:fs';
import TestSequencer from '@jest/test-sequencer';

/**
 * Files that wait for leases to end and for processes, the longest first; each takes from half a minute to two. Where
 * nothing was measured yet Jest goes by the size of a file, and most of these are short: begun last, they would run while
 * the other workers have nothing left to do.
 */
const longest = [
  'worker/kill-points-postgres.test.ts',
  'worker/kill-points-redis.test.ts',
  'worker/half-open.test.ts',
  'worker/lone-attempts.test.ts',
  'worker/process-crash-redis.test.ts',
  'cli/run.test.ts',
  'worker/process-crash-postgres.test.ts',
  'server/attacks/isolation.test.ts',
  'cli/start.test.ts',
  'worker/templates.test.ts',
  'worker/classic-demo.test.ts',
  'embedded/postgres.test.ts',
  'server/boot.test.ts',
  'media/audio/audio-operations.test.ts',
  'worker/dying-attempts.test.ts',
  'worker/blocked-worker.test.ts',
  'server/attacks/crowd.test.ts',
  'queue/redis-cluster.test.ts',
  'worker/region-crashes-postgres.test.ts',
  'worker/region-crashes-redis.test.ts',
];

const gone = longest.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)));
if (gone.length > 0) throw new Error(`testing/slowest-first.mjs names files that are gone: ${gone.join(', ')}`);

/** Begins with the files that take longest, in a fresh clone as well. */
export default class SlowestFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = longest.findIndex((file) => path.endsWith(`/${file}`));
      return at === -1 ? longest.length : at;
    };
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
}
