import { parseArgs } from 'node:util';
import { processorSeconds } from './cpu-time.ts';
import { defaultEachSettings } from '../core/graph/each.ts';
import { conclude, type Finding } from './findings.ts';
import { createHeddle, type HeddleSystem } from './heddle.ts';
import { startServices } from './services.ts';
import { chain, delayGraph, fan, type Shape } from './shapes.ts';
import { median, milliseconds, quantile } from './statistics.ts';

/*
 * A list that goes through three nodes element by element: what a node costs beside those of a fan-out, whether memory grows
 * with the length of the list, how soon the first element begins once the length is known, and how long another user's
 * run takes beside it.
 *
 *   npm run bench -- lists [--queue redis|postgres] [--elements 10000] [--turns 3] [--json FILE] [--svg FILE]
 *
 * Ends with 1 where a target is missed.
 */
const { values } = parseArgs({
  options: {
    queue: { type: 'string', default: 'redis' },
    elements: { type: 'string', default: '10000' },
    turns: { type: 'string', default: '3' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

/** A node of an element costs at most so much of what one of a fan-out costs. */
const mostCost = 0.8;
/** The list is five times as long, and memory must not be: for what a list itself takes, and the collector's moods. */
const mostMemory = 1.3;
const mostFirstMs = 50;
const mostTimes = 2;
/** Elements at once: as many as a list may be told to take, as fan-outs begin all of theirs. */
const atOnce = 100;
/** The same where nothing was set: what a statement costs is shared by fewer. */
const atOnceByDefault = defaultEachSettings.concurrency;
/** Of the other user's run, one after another. */
const idleRuns = 40;
/** Between two looks at the memory of this process, in ms. */
const lookMs = 50;
const stages = ['first', 'second', 'third'];

const elements = Number(values.elements);
const turns = Number(values.turns);
const services = await startServices(process.env['PATH'] ?? '');
try {
  const onRedis = values.queue === 'redis';
  const heddle = await createHeddle({
    databaseUrl: await services.createDatabase('lists'),
    redisUrl: onRedis ? services.redisUrl : null,
    // As a worker has by default: what a list takes must leave room for others.
    jobsAtOnce: 64,
  });
  try {
    await measure(heddle);
  } finally {
    await heddle.stop();
  }
} finally {
  await services.stop();
}

/** `length` texts through three nodes, so many at once. */
function through(length: number, concurrency = atOnce): Shape {
  const plain = delayGraph(stages, [
    ['first', 'second'],
    ['second', 'third'],
  ]);
  const items = Array.from({ length }, (_, index) => `${index}`);
  const each = { each: true };
  const first = { ...plain.nodes[0]!, data: { ...plain.nodes[0]!.data, each: { concurrency } } };
  return {
    name: `list of ${length}, ${concurrency} at once`,
    nodes: length * stages.length,
    flow: { children: [] },
    graph: {
      nodes: [
        { id: 'list', type: 'list', position: { x: 0, y: 0 }, data: { type: 'text', items } },
        first,
        ...plain.nodes.slice(1),
      ],
      edges: [
        { id: 'list-first', source: 'list', target: 'first', targetHandle: 'input', data: each },
        ...plain.edges.map((edge) => ({ ...edge, data: each })),
      ],
    },
  };
}

async function measure(heddle: HeddleSystem): Promise<void> {
  const long = through(elements);
  const short = through(elements / 5);
  const fans = Array.from({ length: Math.ceil(long.nodes / fan(50).nodes / 3) }, () => fan(50));
  // Connections, plans and compiled code are warm in every turn that counts.
  await heddle.runMany(fans.slice(0, 20));
  await heddle.runOnce(short);
  const costs: { list: number; fan: number }[] = [];
  const byDefault: number[] = [];
  const peaks: { long: number; short: number }[] = [];
  const seconds: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const fanCost = (await cost(() => heddle.runMany(fans))) / (fans.length * fan(50).nodes);
    const [, shortPeak] = await peakMb(() => heddle.runOnce(short));
    let listCost = 0;
    const [ms, longPeak] = await peakMb(async () => {
      listCost = (await cost(() => heddle.runOnce(long))) / long.nodes;
    });
    const few = through(elements / 5, atOnceByDefault);
    byDefault.push((await cost(() => heddle.runOnce(few))) / few.nodes / fanCost);
    costs.push({ list: listCost, fan: fanCost });
    peaks.push({ long: longPeak, short: shortPeak });
    seconds.push(ms / 1_000);
    console.log(
      `turn ${turn + 1}: a node costs ${listCost.toFixed(3)} ms, of a fan-out ${fanCost.toFixed(3)} ms; ` +
        `${(long.nodes / (ms / 1_000)).toFixed(0)} nodes/s; memory up to ${longPeak.toFixed(0)} MB, with a fifth of them ${shortPeak.toFixed(0)} MB`,
    );
  }
  const firsts = await firstParts(heddle);
  const waits = await besides(heddle, through(elements, atOnceByDefault));
  const perCost = costs.map(({ list, fan: ofFan }) => list / ofFan);
  const perPeak = peaks.map((peak) => peak.long / peak.short);
  const findings: Finding[] = [
    most('cost of a node, of one of fan50', perCost, 'x', mostCost),
    {
      ...{ name: `the same, ${atOnceByDefault} elements at once`, unit: 'x' },
      ...{ value: median(byDefault), turns: byDefault },
    },
    most(`memory with ${elements} elements, of a fifth of them`, perPeak, 'x', mostMemory),
    most('first part begins after the length is known', firsts, 'ms', mostFirstMs),
    most("another user's run beside it, of what it takes alone", waits, 'x', mostTimes),
    { name: `${elements} elements through three nodes`, value: median(seconds), unit: 's', turns: seconds },
  ];
  await conclude({
    scenario: `lists, queue on ${values.queue}`,
    findings,
    plot: {
      title: `A list of ${elements} through three nodes`,
      unit: 'ms of processor time for a node',
      kind: 'bars',
      groups: costs.map((_, turn) => `turn ${turn + 1}`),
      series: [
        { name: 'of an element', values: costs.map(({ list }) => list) },
        { name: 'of fan50', values: costs.map(({ fan: ofFan }) => ofFan) },
      ],
    },
    json: values.json,
    svg: values.svg,
  });
}

function most(name: string, figures: readonly number[], unit: string, value: number): Finding {
  return { name, value: median(figures), unit, target: { kind: 'at most', value }, turns: figures };
}

/** Processor milliseconds that `work` costs this process, Postgres and Redis. */
async function cost(work: () => Promise<void>): Promise<number> {
  const before = await spentMs();
  await work();
  return (await spentMs()) - before;
}

async function spentMs(): Promise<number> {
  const own = process.cpuUsage();
  const { postgresPid, redisPid } = services;
  const others = (await processorSeconds(postgresPid)) + (redisPid === null ? 0 : await processorSeconds(redisPid));
  return (own.user + own.system) / 1_000 + others * 1_000;
}

/** How long `work` takes in ms, and the most memory that this process had meanwhile, in MB. */
async function peakMb(work: () => Promise<void>): Promise<[ms: number, mb: number]> {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss() / 1_048_576);
  }, lookMs);
  const ms = await milliseconds(work);
  clearInterval(timer);
  return [ms, peak];
}

/** From the moment in which the length of each long list was written down to that in which its first element began. */
async function firstParts(heddle: HeddleSystem): Promise<number[]> {
  const rows = await heddle.ask<{ ms: number }>(
    `select extract(epoch from (min(n.started_at) - min(w.at))) * 1000 as ms
       from run_regions g
       join run_events w on w.run_id = g.run_id and w.node_execution_id = g.node_execution_id
            and w.payload ->> 'status' = 'WAITING'
       join workflow_runs p on p.parent_execution_id = g.node_execution_id and p.parent_run_id = g.run_id
            and p.part_index = 0
       join node_executions n on n.run_id = p.id and n.node_id = 'first'
      where g.total = $1 group by g.node_execution_id`,
    [elements],
  );
  return rows.map(({ ms }) => Number(ms));
}

/** How much longer a short run of somebody else takes while the list is gone through. */
async function besides(heddle: HeddleSystem, shape: Shape): Promise<number[]> {
  const own = chain(3);
  const times = async () => {
    const all: number[] = [];
    for (let run = 0; run < idleRuns; run += 1) all.push(await milliseconds(() => heddle.runOnceBeside(own)));
    return quantile(all, 0.5);
  };
  await times();
  const ratios: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const alone = await times();
    const running = heddle.runOnce(shape);
    const beside = await times();
    ratios.push(beside / alone);
    console.log(`another user's run takes ${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside the list`);
    await running;
  }
  return ratios;
}
