import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findFreePort } from '../embedded/free-port.ts';
import { readCommandLine } from '../embedded/process-info.ts';
import { removeDataDir } from '../embedded/remove-data-dir.ts';
import { readChildEnvironment } from '../testing/config.ts';
import { createProjectProcesses, projectRoot } from '../testing/processes.ts';
import { childrenOf, processorSecondsOfTree } from './cpu-time.ts';
import { conclude, type Finding } from './findings.ts';
import { createHeddle } from './heddle.ts';
import { startServices } from './services.ts';
import { chain } from './shapes.ts';
import { median, milliseconds } from './statistics.ts';

/*
 * How long `npm start` takes on a data folder that is there already, how long a
 * worker takes from its start to the end of its first job, and what a whole stack
 * costs that nobody uses.
 *
 *   npm run bench -- start [--turns 5] [--idle 30] [--json FILE] [--svg FILE]
 *
 * Ends with 1 where a target is missed.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '5' },
    /** Seconds of doing nothing in a turn. */
    idle: { type: 'string', default: '30' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const turns = Number(values.turns);
const mostStartSeconds = 8;
const mostWorkerSeconds = 2;
const mostIdlePercent = 3;
/** The last thing that `npm start` prints when everything runs. */
const isReady = 'Ctrl-C (finishes running work first';
/** Until whatever a start leaves to do is done. */
const settleMs = 10_000;

interface RunningStack {
  /** Of npm itself; the stack is under it. */
  readonly pid: number;
  /** As Ctrl-C in a terminal does it. */
  stop(): Promise<void>;
}

const starts = await measureStarts();
const workers = await measureWorkers();
const findings: Finding[] = [
  {
    name: 'npm start on a folder that is there already',
    value: median(starts.seconds),
    unit: 's',
    target: { kind: 'at most', value: mostStartSeconds },
    turns: starts.seconds,
  },
  {
    name: 'a worker, from its start to the end of its first job',
    value: median(workers),
    unit: 's',
    target: { kind: 'at most', value: mostWorkerSeconds },
    turns: workers,
  },
  ...starts.idle,
];
await conclude({
  scenario: 'start',
  findings,
  plot: {
    title: 'A stack that nobody uses',
    unit: '% of one core, median of the turns',
    kind: 'bars',
    groups: starts.idle.map(({ name }) => name.replace('idle, ', '')),
    series: [{ name: 'idle', values: starts.idle.map(({ value }) => value) }],
  },
  json: values.json,
  svg: values.svg,
});

async function measureStarts(): Promise<{ seconds: number[]; idle: Finding[] }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-start-'));
  // Postgres runs as another user when this program runs as root, and must be able to walk in.
  await chmod(dataDir, 0o711);
  let stack: RunningStack | undefined;
  try {
    // The first makes the database, the owner and the starter workflow.
    stack = await startStack(dataDir);
    const seconds: number[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      await stack?.stop();
      stack = undefined;
      const ms = await milliseconds(async () => (stack = await startStack(dataDir)));
      seconds.push(ms / 1_000);
    }
    return { seconds, idle: await measureIdle(stack!.pid) };
  } finally {
    await stack?.stop();
    await removeDataDir(dataDir);
  }
}

async function startStack(dataDir: string): Promise<RunningStack> {
  const env = {
    ...readChildEnvironment(),
    DATA_DIR: dataDir,
    PORT: String(await findFreePort()),
    ENV_FILE: '/dev/null',
  };
  const npm = spawn('npm', ['start'], { cwd: projectRoot, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const ended = new Promise<void>((resolve) => npm.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const take = (text: string) => {
      output += text;
      if (output.includes(isReady)) resolve();
    };
    npm.stdout.setEncoding('utf8').on('data', take);
    npm.stderr.setEncoding('utf8').on('data', take);
    npm.once('error', reject);
    void ended.then(() => reject(new Error(`npm start ended before it was ready:\n${output}`)));
  });
  const pid = npm.pid!;
  return {
    pid,
    stop: async () => {
      process.kill(-pid, 'SIGINT');
      await ended;
    },
  };
}

/** Percent of one core that the stack takes, and its parts. */
async function measureIdle(npm: number): Promise<Finding[]> {
  await sleep(settleMs);
  const parts = await partsOf(npm);
  const shares = new Map<string, number[]>(['all', ...parts.keys()].map((name) => [name, []]));
  for (let turn = 0; turn < turns; turn += 1) {
    const before = await spent(npm, parts);
    const ms = await milliseconds(() => sleep(Number(values.idle) * 1_000));
    const after = await spent(npm, parts);
    for (const [name, share] of shares) share.push(((after.get(name)! - before.get(name)!) * 100_000) / ms);
  }
  return [...shares].map(([name, share]) => ({
    name: name === 'all' ? 'idle, the whole stack' : `idle, ${name}`,
    value: median(share),
    unit: '% of a core',
    ...(name === 'all' ? { target: { kind: 'at most' as const, value: mostIdlePercent } } : {}),
    turns: share,
  }));
}

async function spent(npm: number, parts: ReadonlyMap<string, number>): Promise<Map<string, number>> {
  const seconds = new Map([['all', await processorSecondsOfTree(npm)]]);
  for (const [name, pid] of parts) seconds.set(name, await processorSecondsOfTree(pid));
  return seconds;
}

/** The processes that `npm start` supervises, by name. */
async function partsOf(pid: number): Promise<Map<string, number>> {
  const names = { server: /server\/main/, worker: /worker\/main/, postgres: /postgres/, redis: /redis|valkey/ };
  const found = new Map<string, number>();
  for (const child of await childrenOf(pid)) {
    const command = await readCommandLine(child);
    const name = Object.entries(names).find(([, pattern]) => pattern.test(command))?.[0];
    if (name !== undefined) found.set(name, child);
    else for (const [below, at] of await partsOf(child)) found.set(below, at);
  }
  return found;
}

/** A run of one node is there when the worker starts. */
async function measureWorkers(): Promise<number[]> {
  const services = await startServices(process.env['PATH'] ?? '');
  const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-worker-'));
  const processes = createProjectProcesses();
  try {
    const databaseUrl = await services.createDatabase('worker');
    const redisPrefix = `bench-${randomUUID()}`;
    const heddle = await createHeddle({ databaseUrl, redisUrl: services.redisUrl, redisPrefix, jobsAtOnce: 0 });
    const env = {
      DATABASE_URL: databaseUrl,
      ...(services.redisUrl === null ? {} : { REDIS_URL: services.redisUrl, REDIS_PREFIX: redisPrefix }),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
    };
    const seconds: number[] = [];
    // The first turn warms up the files.
    for (let turn = 0; turn <= turns; turn += 1) {
      const over = heddle.runOnce(chain(1));
      const ms = await milliseconds(async () => {
        processes.start({ entry: 'worker/main.ts', env });
        await over;
      });
      await processes.stopAll();
      if (turn > 0) seconds.push(ms / 1_000);
    }
    await heddle.stop();
    return seconds;
  } finally {
    await processes.stopAll();
    await services.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
