import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startCallCounter } from './call-counter.ts';
import { makeLoad } from './chaos/load.ts';
import { createRandom } from './chaos/random.ts';
import { startChaosStack, type ChaosStack } from './chaos/stack.ts';

/*
 * Lets a whole installation work at a steady pace and looks for what grows:
 * memory, descriptors, connections, keys of the queue, working files.
 *
 *   npm run soak -- --minutes 20 [--queue redis|postgres] [--per-minute 120]
 *
 * Ends with 1 where something does. Linux only: it reads /proc.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    queue: { type: 'string', default: 'redis' },
    'per-minute': { type: 'string', default: '120' },
  },
});

/** What is compiled, cached and opened once is so after a third of the time. */
const warmUpShare = 1 / 3;
const sampleMs = 5_000;
/** What a process's memory may grow by in an hour, as a share of itself; the collector's own breathing over a short soak is more. */
const growthPerHour = 0.01;
const breathing = 0.1;
/** Counts that breathe with the load may end so much above their middle. */
const countSlack = 1.25;

interface Sample {
  readonly minute: number;
  /** By name: megabytes of a process. */
  readonly memory: ReadonlyMap<string, number>;
  /** By name: descriptors, connections, keys, files. */
  readonly counts: ReadonlyMap<string, number>;
}

async function sample(stack: ChaosStack, pool: pg.Pool, redis: Redis | null, minute: number): Promise<Sample> {
  const memory = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const { name, pid } of [...stack.servers, ...stack.workers]) {
    const id = pid();
    if (id === null) throw new Error(`${name} has ended`);
    const status = await readFile(`/proc/${id}/status`, 'utf8');
    memory.set(name, Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024);
    counts.set(`descriptors of ${name}`, (await readdir(`/proc/${id}/fd`)).length);
  }
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::integer as count from pg_stat_activity where backend_type = 'client backend'`,
  );
  counts.set('Postgres connections', rows[0]!.count);
  if (redis !== null) counts.set('Redis keys', await redis.dbsize());
  const files = await readdir(path.join(stack.dataDir, 'files', 'work')).catch(() => []);
  counts.set('working files', files.length);
  return { minute, memory, counts };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** Growth in an hour by least squares, as a share of the mean. */
function slopePerHour(minutes: readonly number[], numbers: readonly number[]): number {
  const [middle, level] = [mean(minutes), mean(numbers)];
  const along = minutes.reduce((sum, minute, index) => sum + (minute - middle) * (numbers[index]! - level), 0);
  const spread = minutes.reduce((sum, minute) => sum + (minute - middle) ** 2, 0);
  return ((along / spread) * 60) / level;
}

function judge(samples: readonly Sample[]): string[] {
  const problems: string[] = [];
  const minutes = samples.map(({ minute }) => minute);
  const hours = (minutes.at(-1)! - minutes[0]!) / 60;
  for (const name of samples[0]!.memory.keys()) {
    const numbers = samples.map(({ memory }) => memory.get(name)!);
    const slope = slopePerHour(minutes, numbers);
    print(
      `${name.padEnd(26)} ${mean(numbers).toFixed(0).padStart(5)} MB   ${(slope * 100).toFixed(1).padStart(7)} % an hour`,
    );
    if (slope * hours > growthPerHour * hours + breathing)
      problems.push(`${name} grows by ${(slope * 100).toFixed(0)} % an hour`);
  }
  const half = Math.floor(samples.length / 2);
  for (const name of samples[0]!.counts.keys()) {
    const numbers = samples.map(({ counts }) => counts.get(name)!);
    const [before, after] = [Math.max(...numbers.slice(0, half)), Math.max(...numbers.slice(half))];
    print(`${name.padEnd(26)} at most ${before}, then ${after}`);
    if (after > before * countSlack + 5) problems.push(`${name}: at most ${before}, then ${after}`);
  }
  return problems;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const minutes = Number(values.minutes);
const provider = await startCallCounter();
const stack = await startChaosStack(values.queue === 'postgres' ? 'postgres' : 'redis');
const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
const redis = stack.redis === null ? null : new Redis(stack.redis.url);
try {
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 60_000;
  const load = makeLoad({
    random: createRandom(1),
    urls: stack.servers.map(({ url }) => url),
    apiKey: stack.apiKey,
    callUrl: provider.url,
    runs: Math.round(minutes * Number(values['per-minute'])),
    forMs: minutes * 60_000,
  });
  const samples: Sample[] = [];
  while (elapsed() < minutes) {
    await sleep(sampleMs);
    if (elapsed() > minutes * warmUpShare) samples.push(await sample(stack, pool, redis, elapsed()));
  }
  const { accepted, refused } = await load;
  print(`${accepted.length} runs in ${minutes} min, queue on ${values.queue}`);
  const problems = [...refused, ...judge(samples)];
  for (const problem of problems) print(`PROBLEM ${problem}`);
  print(problems.length === 0 ? 'flat' : 'NOT FLAT');
  if (problems.length > 0) process.exitCode = 1;
} finally {
  redis?.disconnect();
  await pool.end();
  await stack.stop();
  await provider.stop();
}
