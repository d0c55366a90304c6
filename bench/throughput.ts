import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { processorSeconds } from './cpu-time.ts';
import { createHeddle } from './heddle.ts';
import { createRawBullMq } from './raw-bullmq.ts';
import { startServices } from './services.ts';
import { chain, diamond, fan, type Shape } from './shapes.ts';
import type { System } from './system.ts';

/*
 * How many nodes a second Heddle executes, and how long one run takes on an
 * idle system, beside BullMQ alone doing as many jobs. The two take turns on the
 * same machine; what counts is their ratio.
 *
 *   npm run bench -- [--queue redis|postgres] [--turns 5] [--nodes 8000] [--idle 20] [--json FILE]
 */

const { values } = parseArgs({
  options: {
    queue: { type: 'string', default: 'redis' },
    turns: { type: 'string', default: '5' },
    /** Nodes of a saturated turn. */
    nodes: { type: 'string', default: '8000' },
    /** Single runs of an idle turn. */
    idle: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
});

interface Figures {
  /** Nodes a second, one for each turn. */
  readonly throughput: number[];
  /** Milliseconds of single runs, over all turns. */
  readonly idleMs: number[];
  /** What a node cost in the saturated turns, over all turns. */
  readonly cost: Cost;
}

/** Processor milliseconds by process, and statements to Postgres. */
interface Cost {
  nodes: number;
  node: number;
  postgres: number;
  redis: number;
  statements: number;
}

const shapes = [chain(10), fan(50), diamond()];
const turns = Number(values.turns);
const services = await startServices(process.env['PATH'] ?? '');
const systems: System[] = [];
try {
  const onRedis = values.queue === 'redis';
  if (onRedis && services.redisUrl === null) throw new Error('There is no redis-server; use --queue postgres.');
  const databaseUrl = await services.createDatabase('bench');
  const raw = await createRawBullMq(
    onRedis ? { redisUrl: services.redisUrl! } : { postgresUrl: await services.createDatabase('raw') },
  );
  systems.push(raw);
  const heddle = await createHeddle({ databaseUrl, redisUrl: onRedis ? services.redisUrl : null });
  systems.push(heddle);
  const results = new Map<string, Map<System, Figures>>();
  for (const shape of shapes) {
    const figures = await measure(shape, systems);
    results.set(shape.name, figures);
    print(shape, figures, [raw, heddle]);
  }
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(toJson(results), null, 2));
} finally {
  for (const system of systems) await system.stop();
  await services.stop();
}

async function measure(shape: Shape, systems: readonly System[]): Promise<Map<System, Figures>> {
  const figures = new Map<System, Figures>(
    systems.map((system) => [system, { throughput: [], idleMs: [], cost: noCost() }]),
  );
  const runs = Math.ceil(Number(values.nodes) / shape.nodes);
  // Connections, plans and compiled code are warm in every turn that counts.
  for (const system of systems) await system.runMany(shape, Math.ceil(runs / 4));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const system of systems) {
      const { throughput, idleMs, cost } = figures.get(system)!;
      for (let run = 0; run < Number(values.idle); run += 1)
        idleMs.push(await milliseconds(() => system.runOnce(shape)));
      const before = await spent(system);
      const ms = await milliseconds(() => system.runMany(shape, runs));
      addCost(cost, before, await spent(system));
      cost.nodes += runs * shape.nodes;
      throughput.push((runs * shape.nodes * 1_000) / ms);
    }
  }
  return figures;
}

function noCost(): Cost {
  return { nodes: 0, node: 0, postgres: 0, redis: 0, statements: 0 };
}

/** What everything has cost so far. */
async function spent(system: System): Promise<Cost> {
  const own = process.cpuUsage();
  return {
    nodes: 0,
    node: (own.user + own.system) / 1_000,
    postgres: (await processorSeconds(services.postgresPid)) * 1_000,
    redis: services.redisPid === null ? 0 : (await processorSeconds(services.redisPid)) * 1_000,
    statements: system.statements(),
  };
}

function addCost(sum: Cost, before: Cost, after: Cost): void {
  for (const part of ['node', 'postgres', 'redis', 'statements'] as const) sum[part] += after[part] - before[part];
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function print(shape: Shape, figures: ReadonlyMap<System, Figures>, [raw, heddle]: readonly [System, System]): void {
  const of = (system: System) => figures.get(system)!;
  for (const system of [raw, heddle]) {
    const { throughput, idleMs, cost } = of(system);
    const perNode = (part: keyof Cost) => (cost[part] / cost.nodes).toFixed(2);
    console.log(
      `${shape.name.padEnd(8)} ${system.name.padEnd(18)} ${Math.round(median(throughput)).toString().padStart(6)} nodes/s` +
        `   one idle run p50 ${median(idleMs).toFixed(1).padStart(6)} ms` +
        `   a node costs ms of: node ${perNode('node')}, postgres ${perNode('postgres')}, redis ${perNode('redis')}` +
        `   statements ${perNode('statements')}`,
    );
  }
  const share = median(of(heddle).throughput) / median(of(raw).throughput);
  const latency = median(of(heddle).idleMs) / median(of(raw).idleMs);
  console.log(
    `${shape.name.padEnd(8)} ratio              ${(share * 100).toFixed(0).padStart(5)} % of the nodes/s` +
      `   ${latency.toFixed(1)} x the time of an idle run\n`,
  );
}

function toJson(results: ReadonlyMap<string, ReadonlyMap<System, Figures>>): object {
  return Object.fromEntries(
    [...results].map(([name, figures]) => [
      name,
      Object.fromEntries([...figures].map(([system, numbers]) => [system.name, numbers])),
    ]),
  );
}
