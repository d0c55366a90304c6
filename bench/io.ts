import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createProjectProcesses } from '../testing/processes.ts';
import { conclude, type Finding } from './findings.ts';
import { createHeddle } from './heddle.ts';
import { startServices } from './services.ts';
import { chain, wide } from './shapes.ts';
import { median, milliseconds } from './statistics.ts';

/*
 * Nodes that wait for the outside world: how near one run of 40 such nodes comes
 * to the time of one, and how throughput grows with worker processes.
 *
 *   npm run bench -- io [--turns 5] [--workers 1,2,4,8,16] [--chains 24] [--json FILE] [--svg FILE]
 *
 * Ends with 1 where a target is missed.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '5' },
    workers: { type: 'string', default: '1,2,4,8,16' },
    /** Runs for each worker in a turn. */
    chains: { type: 'string', default: '24' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const nodeMs = 200;
const wideNodes = 40;
/** Of the worker that runs the wide graph, and of each of the workers that share the chains. */
const jobs = { wide: 64, shared: 8 };
const chainNodes = 10;
const turns = Number(values.turns);
const workerCounts = values.workers.split(',').map(Number);

const services = await startServices(process.env['PATH'] ?? '');
const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-io-'));
const processes = createProjectProcesses();
try {
  const findings = [await measureWide(), ...(await measureScaling())];
  const shares = findings.filter(({ name }) => name.startsWith('nodes a second'));
  await conclude({
    scenario: 'io',
    findings,
    plot: {
      title: `Waiting nodes over worker processes of ${jobs.shared} jobs each`,
      unit: 'nodes/s',
      kind: 'lines',
      groups: workerCounts.map(String),
      series: [
        {
          name: 'if nothing cost anything',
          values: workerCounts.map((count) => (count * jobs.shared * 1_000) / nodeMs),
        },
        { name: 'Heddle', values: shares.map(({ value }) => value) },
      ],
    },
    json: values.json,
    svg: values.svg,
  });
} finally {
  await processes.stopAll();
  await services.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function measureWide(): Promise<Finding> {
  const databaseUrl = await services.createDatabase('wide');
  const heddle = await createHeddle({ databaseUrl, redisUrl: services.redisUrl, jobsAtOnce: jobs.wide });
  const shape = wide(wideNodes, nodeMs);
  await heddle.runOnce(shape);
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) times.push(await milliseconds(() => heddle.runOnce(shape)));
  await heddle.stop();
  return {
    name: `one run of ${wideNodes} nodes of ${nodeMs} ms`,
    value: median(times),
    unit: 'ms',
    target: { kind: 'at most', value: Math.round(nodeMs * 1.15) },
    turns: times,
  };
}

/** Throughput with more and more worker processes, and how far it is from growing as they do. */
async function measureScaling(): Promise<Finding[]> {
  const databaseUrl = await services.createDatabase('scaling');
  const redisPrefix = `bench-${randomUUID()}`;
  const heddle = await createHeddle({ databaseUrl, redisUrl: services.redisUrl, redisPrefix, jobsAtOnce: 0 });
  const env = {
    DATABASE_URL: databaseUrl,
    ...(services.redisUrl === null ? {} : { REDIS_URL: services.redisUrl, REDIS_PREFIX: redisPrefix }),
    DATA_DIR: dataDir,
    WORKER_CONCURRENCY: `io=${jobs.shared}`,
    WORKER_POOLS: 'io',
    DATABASE_POOL_SIZE: '3',
    LOG_LEVEL: 'error',
  };
  const shape = chain(chainNodes, nodeMs);
  const rates: { workers: number; turns: number[] }[] = [];
  let started = 0;
  for (const workers of workerCounts) {
    const more = Array.from({ length: workers - started }, () => processes.start({ entry: 'worker/main.ts', env }));
    await Promise.all(more.map((worker) => worker.waitUntilReady()));
    started = workers;
    const runs = Array.from({ length: workers * Number(values.chains) }, () => shape);
    await heddle.runMany(runs.slice(0, workers * jobs.shared));
    const turnRates: number[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      const ms = await milliseconds(() => heddle.runMany(runs));
      turnRates.push((runs.length * chainNodes * 1_000) / ms);
    }
    rates.push({ workers, turns: turnRates });
  }
  await processes.stopAll();
  await heddle.stop();
  const ofOne = median(rates[0]!.turns) / rates[0]!.workers;
  return rates.flatMap(({ workers, turns: turnRates }) => {
    const shares = turnRates.map((rate) => rate / (ofOne * workers));
    return [
      { name: `nodes a second with ${workers} workers`, value: median(turnRates), unit: '/s', turns: turnRates },
      {
        name: `share of ${workers} times one worker`,
        value: median(shares),
        unit: 'x',
        target: { kind: 'at least' as const, value: 0.9 },
        turns: shares,
      },
    ];
  });
}
