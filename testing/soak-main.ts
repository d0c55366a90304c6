import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { startCallCounter } from './call-counter.ts';
import { makeLoad } from './chaos/load.ts';
import { createRandom } from './chaos/random.ts';
import { startChaosStack, type ChaosStack, type SupervisedProcess } from './chaos/stack.ts';
import { eventually } from './eventually.ts';
import { readHeapReports, type HeapReport } from './report-heap.ts';
import { openTestPool } from './postgres.ts';

/*
 * Lets a whole installation work at a steady pace and looks for what grows:
 * the heap that is left after the garbage was collected, resident memory,
 * descriptors, connections, keys of the queue, working files.
 *
 *   npm run soak -- --minutes 20 [--queue redis|postgres] [--per-minute 120] [--workflows 50]
 *                   [--warm-up 0.33] [--snapshots DIR] [--json FILE]
 *
 * The runs are of so many workflows in turn, as people run what they have: caches
 * of graphs are full when the warm-up is over. With --snapshots each process
 * writes its heap at the end of the warm-up and at the end. --json keeps every sample.
 *
 * Ends with 1 where something grows. Linux only: it reads /proc.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    queue: { type: 'string', default: 'redis' },
    'per-minute': { type: 'string', default: '120' },
    workflows: { type: 'string', default: '50' },
    /** What is compiled, cached and opened once is so after this share of the time. */
    'warm-up': { type: 'string', default: '0.33' },
    snapshots: { type: 'string' },
    json: { type: 'string' },
  },
});

const sampleMs = 5_000;
/** Collecting all garbage takes some ten milliseconds in each process. */
const heapEveryMs = 30_000;
/**
 * What a run may leave behind in a process's heap, in bytes: far below what holding on to a run, a socket or a graph
 * would cost, and above what two heaps that hold the same differ by over a hundred runs.
 */
const heapBytesPerRun = 500;
/** Over a short soak two heaps that hold the same differ by this much. */
const heapNoiseBytes = 1_000_000;
/** What lies outside of the JavaScript heap, and the most that is resident, may end this much above where it was, as a share. */
const residentSlack = 0.1;
/** Counts that breathe with the load may end so much above their middle. */
const countSlack = 1.25;
const snapshotSignal = 'SIGPWR';

interface Sample {
  readonly minute: number;
  /** By name: bytes. */
  readonly resident: ReadonlyMap<string, number>;
  /** By name: descriptors, connections, keys, files. */
  readonly counts: ReadonlyMap<string, number>;
}

interface HeapSample {
  readonly minute: number;
  readonly heaps: ReadonlyMap<string, HeapReport>;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const processesOf = (stack: ChaosStack) => [...stack.servers, ...stack.workers];
const megabytes = (bytes: number) => (bytes / 1_048_576).toFixed(1);

function pidOf({ name, pid }: SupervisedProcess): number {
  const id = pid();
  if (id === null) throw new Error(`${name} has ended`);
  return id;
}

async function sample(stack: ChaosStack, pool: pg.Pool, redis: Redis | null, minute: number): Promise<Sample> {
  const resident = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const supervised of processesOf(stack)) {
    const id = pidOf(supervised);
    const status = await readFile(`/proc/${id}/status`, 'utf8');
    resident.set(supervised.name, Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024);
    counts.set(`descriptors of ${supervised.name}`, (await readdir(`/proc/${id}/fd`)).length);
  }
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::integer as count from pg_stat_activity where backend_type = 'client backend'`,
  );
  counts.set('Postgres connections', rows[0]!.count);
  if (redis !== null) counts.set('Redis keys', await redis.dbsize());
  const files = await readdir(path.join(stack.dataDir, 'files', 'work')).catch(() => []);
  counts.set('working files', files.length);
  return { minute, resident, counts };
}

/** What each process holds once its garbage is collected. */
async function sampleHeaps(stack: ChaosStack, minute: number): Promise<HeapSample> {
  const heaps = new Map<string, HeapReport>();
  for (const supervised of processesOf(stack)) {
    const before = readHeapReports(supervised.output()).length;
    process.kill(pidOf(supervised), 'SIGUSR2');
    const reports = await eventually(() => {
      const found = readHeapReports(supervised.output());
      return found.length > before ? found : false;
    });
    heaps.set(supervised.name, (reports as HeapReport[]).at(-1)!);
  }
  return { minute, heaps };
}

async function writeSnapshots(stack: ChaosStack): Promise<void> {
  if (values.snapshots === undefined) return;
  for (const supervised of processesOf(stack)) process.kill(pidOf(supervised), snapshotSignal);
  // They stand still while they write.
  await sleep(10_000);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** Growth in a minute by least squares. */
function slope(minutes: readonly number[], numbers: readonly number[]): number {
  const [middle, level] = [mean(minutes), mean(numbers)];
  const along = minutes.reduce((sum, minute, index) => sum + (minute - middle) * (numbers[index]! - level), 0);
  const spread = minutes.reduce((sum, minute) => sum + (minute - middle) ** 2, 0);
  return along / spread;
}

/** What the garbage collector cannot take: here a leak shows, whatever the allocator does. */
function judgeHeaps(samples: readonly HeapSample[], runsPerMinute: number): string[] {
  const problems: string[] = [];
  const minutes = samples.map(({ minute }) => minute);
  const window = minutes.at(-1)! - minutes[0]!;
  for (const name of samples[0]!.heaps.keys()) {
    const numbers = samples.map(({ heaps }) => {
      const { heapUsed, external } = heaps.get(name)!;
      return heapUsed + external;
    });
    const perMinute = slope(minutes, numbers);
    const perRun = perMinute / runsPerMinute;
    print(
      `heap of ${name.padEnd(18)} ${megabytes(numbers[0]!).padStart(6)} MB, then ${megabytes(numbers.at(-1)!).padStart(6)} MB` +
        `   ${perRun.toFixed(0).padStart(6)} bytes a run`,
    );
    const most = Math.max(heapNoiseBytes, heapBytesPerRun * runsPerMinute * window);
    if (perMinute * window > most) problems.push(`the heap of ${name} grows by ${perRun.toFixed(0)} bytes a run`);
  }
  return problems;
}

/** Memory of libraries and of the allocator: V8's own is judged by what it holds. */
function judgeOutsideOfHeaps(samples: readonly HeapSample[]): string[] {
  const problems: string[] = [];
  const minutes = samples.map(({ minute }) => minute);
  const window = minutes.at(-1)! - minutes[0]!;
  for (const name of samples[0]!.heaps.keys()) {
    const numbers = samples.map(({ heaps }) => {
      const { rss, heapPhysical } = heaps.get(name)!;
      return rss - heapPhysical;
    });
    const growth = (slope(minutes, numbers) * window) / mean(numbers);
    print(
      `outside, ${name.padEnd(17)} ${megabytes(numbers[0]!).padStart(6)} MB, then ${megabytes(numbers.at(-1)!).padStart(6)} MB` +
        `   ${(growth * 100).toFixed(1).padStart(6)} % over ${window.toFixed(1)} min`,
    );
    if (growth > residentSlack) problems.push(`${name} grew outside of its heap by ${(growth * 100).toFixed(0)} %`);
  }
  return problems;
}

/**
 * V8 keeps a third of its pages or gives them back, for minutes at a time: a
 * slope over that says nothing. Whatever leaks raises the most there ever is.
 */
function judgeResident(samples: readonly Sample[]): string[] {
  const problems: string[] = [];
  const half = Math.floor(samples.length / 2);
  for (const name of samples[0]!.resident.keys()) {
    const numbers = samples.map(({ resident }) => resident.get(name)!);
    const [before, after] = [Math.max(...numbers.slice(0, half)), Math.max(...numbers.slice(half))];
    print(`resident, ${name.padEnd(16)} at most ${megabytes(before)} MB, then ${megabytes(after)} MB`);
    if (after > before * (1 + residentSlack)) problems.push(`${name} grew to ${megabytes(after)} MB`);
  }
  return problems;
}

function judgeCounts(samples: readonly Sample[]): string[] {
  const problems: string[] = [];
  const half = Math.floor(samples.length / 2);
  for (const name of samples[0]!.counts.keys()) {
    const numbers = samples.map(({ counts }) => counts.get(name)!);
    const [before, after] = [Math.max(...numbers.slice(0, half)), Math.max(...numbers.slice(half))];
    print(`${name.padEnd(26)} at most ${before}, then ${after}`);
    if (after > before * countSlack + 5) problems.push(`${name}: at most ${before}, then ${after}`);
  }
  return problems;
}

const minutes = Number(values.minutes);
const runsPerMinute = Number(values['per-minute']);
const warmUp = minutes * Number(values['warm-up']);
if (values.snapshots !== undefined) await mkdir(values.snapshots, { recursive: true });
const provider = await startCallCounter();
const stack = await startChaosStack(values.queue === 'postgres' ? 'postgres' : 'redis', [
  '--expose-gc',
  ...(values.snapshots === undefined
    ? []
    : [`--heapsnapshot-signal=${snapshotSignal}`, `--diagnostic-dir=${path.resolve(values.snapshots)}`]),
]);
const pool = openTestPool(stack.databaseUrl, 1);
const redis = stack.redis === null ? null : new Redis(stack.redis.url);
try {
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 60_000;
  const load = makeLoad({
    random: createRandom(1),
    urls: stack.servers.map(({ url }) => url),
    apiKey: stack.apiKey,
    callUrl: provider.url,
    runs: Math.round(minutes * runsPerMinute),
    forMs: minutes * 60_000,
    workflows: Number(values.workflows),
  });
  const samples: Sample[] = [];
  const heaps: HeapSample[] = [];
  let heapAt = warmUp;
  while (elapsed() < minutes) {
    await sleep(sampleMs);
    if (elapsed() <= warmUp) continue;
    if (heaps.length === 0) await writeSnapshots(stack);
    if (elapsed() >= heapAt) {
      heaps.push(await sampleHeaps(stack, elapsed()));
      heapAt += heapEveryMs / 60_000;
    }
    samples.push(await sample(stack, pool, redis, elapsed()));
  }
  const { accepted, refused } = await load;
  await writeSnapshots(stack);
  print(`${accepted.length} runs of ${values.workflows} workflows in ${minutes} min, queue on ${values.queue}`);
  print(`measured from minute ${warmUp.toFixed(1)} on`);
  if (values.json !== undefined) {
    const plain = samples.map(({ minute, resident, counts }) => ({
      minute,
      resident: Object.fromEntries(resident),
      counts: Object.fromEntries(counts),
    }));
    const plainHeaps = heaps.map(({ minute, heaps: of }) => ({ minute, heaps: Object.fromEntries(of) }));
    await writeFile(values.json, JSON.stringify({ samples: plain, heaps: plainHeaps }));
  }
  const problems = [
    ...refused,
    ...judgeHeaps(heaps, runsPerMinute),
    ...judgeOutsideOfHeaps(heaps),
    ...judgeResident(samples),
    ...judgeCounts(samples),
  ];
  for (const problem of problems) print(`PROBLEM ${problem}`);
  print(problems.length === 0 ? 'flat' : 'NOT FLAT');
  if (problems.length > 0) process.exitCode = 1;
} finally {
  redis?.disconnect();
  await pool.end();
  await stack.stop();
  await provider.stop();
}
