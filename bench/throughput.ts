import { parseArgs } from 'node:util';
import { processorSeconds } from './cpu-time.ts';
import { createHeddle } from './heddle.ts';
import { createRawBullMq } from './raw-bullmq.ts';
import { conclude, type Finding } from './findings.ts';
import { startServices } from './services.ts';
import { chain, diamond, fan, mixed, type Shape } from './shapes.ts';
import { median, milliseconds } from './statistics.ts';
import type { System } from './system.ts';

/*
 * How many nodes a second Heddle executes, and how long one run takes on an
 * idle system, beside BullMQ alone doing as many jobs. The two take turns on the
 * same machine; what counts is their ratio.
 *
 *   npm run bench -- throughput [--queue redis|postgres] [--turns 5] [--nodes 8000] [--idle 20]
 *                    [--only chain10,fan50] [--json FILE] [--svg FILE]
 *
 * Ends with 1 where a ratio misses its target.
 */

const { values } = parseArgs({
  options: {
    queue: { type: 'string', default: 'redis' },
    turns: { type: 'string', default: '5' },
    /** Nodes of a saturated turn. */
    nodes: { type: 'string', default: '8000' },
    /** Single runs of an idle turn. */
    idle: { type: 'string', default: '20' },
    /** Which workloads, in commas; default: all. */
    only: { type: 'string' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

/** What is asked of the ratios. */
const leastShare = 0.6;
const mostIdleRatio = 2.5;

/** Graphs that take turns; most workloads have one. */
interface Workload {
  readonly name: string;
  readonly shapes: readonly Shape[];
}

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

const single = (shape: Shape): Workload => ({ name: shape.name, shapes: [shape] });
const all = [single(chain(10)), single(fan(50)), single(diamond()), { name: 'mixed', shapes: mixed() }];
const chosen = values.only?.split(',');
const workloads = all.filter(({ name }) => chosen?.includes(name) ?? true);
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
  const results: { name: string; raw: Figures; heddle: Figures }[] = [];
  for (const workload of workloads) {
    const figures = await measure(workload, systems);
    results.push({ name: workload.name, raw: figures.get(raw)!, heddle: figures.get(heddle)! });
    print(workload, figures, [raw, heddle]);
  }
  await conclude({
    scenario: `throughput, queue on ${values.queue}`,
    findings: results.flatMap(findingsOf),
    plot: {
      title: `Nodes a second, queue on ${values.queue === 'redis' ? 'Redis' : 'Postgres'}`,
      unit: 'nodes/s, median of the turns',
      kind: 'bars',
      groups: results.map(({ name }) => name),
      series: [
        { name: 'BullMQ alone', values: results.map((result) => median(result.raw.throughput)) },
        { name: 'Heddle', values: results.map((result) => median(result.heddle.throughput)) },
      ],
    },
    json: values.json,
    svg: values.svg,
  });
} finally {
  for (const system of systems) await system.stop();
  await services.stop();
}

/** The ratios of each turn: the two ran one right after the other. */
function findingsOf({ name, raw, heddle }: { name: string; raw: Figures; heddle: Figures }): Finding[] {
  const shares = heddle.throughput.map((throughput, turn) => throughput / raw.throughput[turn]!);
  const idle = median(heddle.idleMs) / median(raw.idleMs);
  return [
    {
      name: `${name}: share of BullMQ's nodes a second`,
      value: median(shares),
      unit: 'x',
      target: { kind: 'at least', value: leastShare },
      turns: shares,
    },
    {
      name: `${name}: time of one idle run, in BullMQ's`,
      value: idle,
      unit: 'x',
      target: { kind: 'at most', value: mostIdleRatio },
      turns: heddle.idleMs,
    },
    { name: `${name}: nodes a second`, value: median(heddle.throughput), unit: '/s', turns: heddle.throughput },
    { name: `${name}: of BullMQ alone`, value: median(raw.throughput), unit: '/s', turns: raw.throughput },
  ];
}

async function measure({ shapes }: Workload, systems: readonly System[]): Promise<Map<System, Figures>> {
  const figures = new Map<System, Figures>(
    systems.map((system) => [system, { throughput: [], idleMs: [], cost: noCost() }]),
  );
  const nodesOf = (runs: readonly Shape[]) => runs.reduce((sum, { nodes }) => sum + nodes, 0);
  const count = Math.ceil((Number(values.nodes) * shapes.length) / nodesOf(shapes));
  const runs = Array.from({ length: count }, (_, index) => shapes[index % shapes.length]!);
  // Connections, plans and compiled code are warm in every turn that counts.
  for (const system of systems) await system.runMany(runs.slice(0, Math.ceil(count / 4)));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const system of systems) {
      const { throughput, idleMs, cost } = figures.get(system)!;
      for (let run = 0; run < Number(values.idle); run += 1)
        idleMs.push(await milliseconds(() => system.runOnce(runs[run % runs.length]!)));
      const before = await spent(system);
      const ms = await milliseconds(() => system.runMany(runs));
      addCost(cost, before, await spent(system));
      cost.nodes += nodesOf(runs);
      throughput.push((nodesOf(runs) * 1_000) / ms);
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

function print(
  workload: Workload,
  figures: ReadonlyMap<System, Figures>,
  [raw, heddle]: readonly [System, System],
): void {
  const of = (system: System) => figures.get(system)!;
  for (const system of [raw, heddle]) {
    const { throughput, idleMs, cost } = of(system);
    const perNode = (part: keyof Cost) => (cost[part] / cost.nodes).toFixed(2);
    console.log(
      `${workload.name.padEnd(8)} ${system.name.padEnd(18)} ${Math.round(median(throughput)).toString().padStart(6)} nodes/s` +
        `   one idle run p50 ${median(idleMs).toFixed(1).padStart(6)} ms` +
        `   a node costs ms of: node ${perNode('node')}, postgres ${perNode('postgres')}, redis ${perNode('redis')}` +
        `   statements ${perNode('statements')}`,
    );
  }
  const share = median(of(heddle).throughput) / median(of(raw).throughput);
  const latency = median(of(heddle).idleMs) / median(of(raw).idleMs);
  console.log(
    `${workload.name.padEnd(8)} ratio              ${(share * 100).toFixed(0).padStart(5)} % of the nodes/s` +
      `   ${latency.toFixed(1)} x the time of an idle run\n`,
  );
}
