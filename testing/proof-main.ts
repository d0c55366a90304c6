import { parseArgs } from 'node:util';
import { proveBatches } from './proofs/batches.ts';
import { proveCancels } from './proofs/cancels.ts';
import { proveDrains } from './proofs/drains.ts';
import { proveDrops } from './proofs/drops.ts';
import { proveFrames } from './proofs/frames.ts';
import { proveJobs } from './proofs/jobs.ts';
import { provePoison } from './proofs/poison.ts';
import { proveRegions } from './proofs/regions.ts';
import { proveRetries } from './proofs/retries.ts';
import { proveSchedules } from './proofs/schedules.ts';
import { proveWaits } from './proofs/waits.ts';
import type { Proof } from './proofs/proof.ts';

/*
 * Promises that take more than a test: each is a command, prints its figures and
 * ends with 1 where it is broken.
 *
 *   npm run proof -- batches [--times 10000]  a batch of so many rows, over a pause and deaths of everything, beside somebody else
 *   npm run proof -- cancels [--times 500]    cancels race with the last records (G9)
 *   npm run proof -- drains  [--times 10]     everything is restarted under load, one after another (G13)
 *   npm run proof -- drops   [--times 1000]   clients whose connections are cut, of servers that die (G12)
 *   npm run proof -- frames  [--times 30]     each of so many frames of counting clips of each kind, with each ffmpeg
 *   npm run proof -- jobs    [--times 20]    everything is killed so often while a provider works for ten minutes
 *   npm run proof -- poison  [--times 100]    a node that kills its workers beside so many healthy runs (G14)
 *   npm run proof -- regions [--times 200]   a list of so many whose worker is killed, and of which one fails for good
 *   npm run proof -- retries [--times 100]    a provider refuses so many calls at once (G15)
 *   npm run proof -- schedules [--times 300]  a schedule of each second for so many, while servers and Postgres are killed
 *   npm run proof -- waits   [--times 1000]  so many nodes wait for a person, who is two people
 *
 * --queue redis|postgres, --seed N
 */
const proofs: Readonly<Record<string, { readonly prove: Proof; readonly times: number }>> = {
  batches: { prove: proveBatches, times: 10_000 },
  cancels: { prove: proveCancels, times: 500 },
  drains: { prove: proveDrains, times: 10 },
  drops: { prove: proveDrops, times: 1_000 },
  frames: { prove: proveFrames, times: 30 },
  jobs: { prove: proveJobs, times: 20 },
  poison: { prove: provePoison, times: 100 },
  regions: { prove: proveRegions, times: 200 },
  retries: { prove: proveRetries, times: 100 },
  schedules: { prove: proveSchedules, times: 300 },
  waits: { prove: proveWaits, times: 1_000 },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: 'string' },
    queue: { type: 'string', default: 'redis' },
    seed: { type: 'string', default: '1' },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const chosen = proofs[positionals[0] ?? ''];
if (chosen === undefined) {
  print(`Name one of: ${Object.keys(proofs).join(', ')}.`);
  process.exitCode = 1;
} else {
  const problems = await chosen.prove({
    times: Number(values.times ?? chosen.times),
    queue: values.queue === 'postgres' ? 'postgres' : 'redis',
    seed: Number(values.seed),
    print,
  });
  for (const problem of problems.slice(0, 20)) print(`PROBLEM ${problem}`);
  print(problems.length === 0 ? 'ok' : `FAILED with ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}
