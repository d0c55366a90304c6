import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { conclude, type Finding } from './findings.ts';
import { createEnginePeer, createHeddlePeer, type HeddlePeer } from './peers/heddle.ts';
import { createN8n, n8nPackages } from './peers/n8n.ts';
import { installPackages } from './peers/packages.ts';
import type { Peer } from './peers/peer.ts';
import { createRestate, restatePackages } from './peers/restate.ts';
import { mostResidentMb } from './process-memory.ts';
import { startServices } from './services.ts';
import { chain, diamond, fan, type Shape } from './shapes.ts';
import { median, milliseconds } from './statistics.ts';

/*
 * Nodes a second beside n8n and Restate, in turn on the same machine, Postgres
 * and Redis. Each is a whole installation whose runs are started over HTTP, has as many
 * nodes that do nothing, and keeps what became of them. Heddle's engine alone is told beside it.
 *
 *   npm run bench -- peers [--turns 5] [--seconds 2] [--idle 10] [--only chain10,fan50,diamond]
 *                    [--rivals n8n,restate] [--beside FOLDER] [--n8n-concurrency 10,50] [--json FILE] [--svg FILE]
 *
 * `--beside` names another build of Heddle, with its `dist`, as one more rival; `--rivals ''` leaves the others out.
 * Installs n8n (3 GB, with the Node it needs) and Restate below the system's
 * temporary folder the first time, from the registry that npm is set to; see their licences.
 * Ends with 1 where a target is missed.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '5' },
    /** About how long a saturated turn of each takes. */
    seconds: { type: 'string', default: '2' },
    /** Single runs of an idle turn. */
    idle: { type: 'string', default: '10' },
    only: { type: 'string' },
    /** Which of the others, in commas. */
    rivals: { type: 'string', default: 'n8n,restate' },
    /** Folder of another build of Heddle. */
    beside: { type: 'string' },
    /** Jobs at once of n8n's worker, in commas; the fastest of them counts. 10 is what it is installed with. */
    'n8n-concurrency': { type: 'string', default: '10,50' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const turns = Number(values.turns);
/** What is asked of it beside the build before the work on starts. */
const leastOfOtherBuild: Readonly<Record<string, number>> = { chain10: 3, fan50: 1.8, diamond: 3.5 };
/** MB of a server and of a worker, each. */
const mostMb = 150;
/** Packages that report their installation are told not to. */
const installEnv = { ...process.env, SCARF_ANALYTICS: 'false', DO_NOT_TRACK: '1' };
/** Runs that tell about how fast a system is. */
const probeRuns = 40;
const chosen = values.only?.split(',');
const shapes = [chain(10), fan(50), diamond()].filter(({ name }) => chosen?.includes(name) ?? true);

/** What is asked of Heddle's share of the nodes a second of each, by shape where they differ. */
interface Rival {
  readonly peer: Peer;
  readonly leastShare: (shape: Shape) => number;
}

interface Figures {
  readonly throughput: number[];
  readonly idleMs: number[];
}

const services = await startServices(process.env['PATH'] ?? '');
const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-peers-'));
await chmod(dataDir, 0o711);
const running: Peer[] = [];
try {
  if (services.redisUrl === null) throw new Error('There is no redis-server, which n8n needs for its queue mode.');
  const { heddle, engine, rivals } = await startAll(services.redisUrl);
  const peers = [heddle, engine, ...rivals.map(({ peer }) => peer)];
  const findings: Finding[] = [];
  const medians: { shape: string; peer: string; value: number }[] = [];
  for (const { name, settings } of peers) console.log(`${name}: ${settings}`);
  for (const shape of shapes) {
    const figures = await measure(shape, peers);
    const sharesOf = (own: Peer, other: Peer) =>
      figures.get(own)!.throughput.map((throughput, turn) => throughput / figures.get(other)!.throughput[turn]!);
    for (const { peer, leastShare } of rivals) {
      const [shares, engineShares] = [sharesOf(heddle, peer), sharesOf(engine, peer)];
      const name = `${shape.name}: against ${peer.name}`;
      const target = { kind: 'at least', value: leastShare(shape) } as const;
      findings.push(
        { name, value: median(shares), unit: 'x', target, turns: shares },
        { name: `${name}, without HTTP`, value: median(engineShares), unit: 'x', turns: engineShares },
      );
    }
    for (const [{ name }, { throughput, idleMs }] of figures) {
      medians.push({ shape: shape.name, peer: name, value: median(throughput) });
      findings.push(
        { name: `${shape.name}: nodes a second, ${name}`, value: median(throughput), unit: '/s', turns: throughput },
        { name: `${shape.name}: one idle run, ${name}`, value: median(idleMs), unit: 'ms', turns: idleMs },
      );
    }
  }
  findings.push(...(await memoryFindings(heddle)));
  await conclude({
    scenario: 'peers',
    findings,
    plot: {
      title: 'Nodes a second of whole installations',
      unit: 'nodes/s, median of the turns',
      kind: 'bars',
      groups: shapes.map(({ name }) => name),
      series: peers.map(({ name }) => ({
        name,
        values: shapes.map(
          (shape) => medians.find((found) => found.shape === shape.name && found.peer === name)!.value,
        ),
      })),
    },
    json: values.json,
    svg: values.svg,
  });
} finally {
  for (const peer of running.toReversed()) await peer.stop();
  await services.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Starts a system and keeps it, to be stopped at the end. */
function keep<Kind extends Peer>(peer: Kind): Kind {
  running.push(peer);
  return peer;
}

/** The most that a server and a worker ever held, under all that was measured. */
async function memoryFindings({ pids }: HeddlePeer): Promise<Finding[]> {
  const figures = await Promise.all(
    (['server', 'worker'] as const).map(async (name) => ({ name, value: await mostResidentMb(pids[name]) })),
  );
  return figures.map(({ name, value }) => ({
    ...{ name: `memory of the ${name}, at its most`, value, unit: 'MB', turns: [value] },
    target: { kind: 'at most', value: mostMb },
  }));
}

async function startAll(redisUrl: string): Promise<{ heddle: HeddlePeer; engine: Peer; rivals: Rival[] }> {
  const wanted = values.rivals.split(',');
  const heddle = keep(
    await createHeddlePeer({ databaseUrl: await services.createDatabase('heddle_peer'), redisUrl, dataDir }),
  );
  const engine = keep(await createEnginePeer({ databaseUrl: await services.createDatabase('engine_peer'), redisUrl }));
  const rivals: Rival[] = [];
  if (values.beside !== undefined) rivals.push(await startOtherBuild(redisUrl, path.resolve(values.beside)));
  if (wanted.includes('n8n')) rivals.push(...(await startN8n(redisUrl)));
  if (wanted.includes('restate')) rivals.push(...(await startRestate()));
  return { heddle, engine, rivals };
}

async function startOtherBuild(redisUrl: string, folder: string): Promise<Rival> {
  const databaseUrl = await services.createDatabase('other_build');
  const ownDataDir = path.join(dataDir, 'other-build');
  await mkdir(ownDataDir);
  const peer = keep(await createHeddlePeer({ databaseUrl, redisUrl, dataDir: ownDataDir, folder }));
  return { peer, leastShare: ({ name }) => leastOfOtherBuild[name] ?? 1 };
}

async function startN8n(redisUrl: string): Promise<Rival[]> {
  const folder = await installPackages(n8nPackages, installEnv);
  const n8n = async (database: string, workerConcurrency: number | null) =>
    createN8n({
      folder,
      searchPath: process.env['PATH'] ?? '',
      dataDir,
      databaseUrl: await services.createDatabase(database),
      redisUrl,
      workerConcurrency,
    });
  const queued = keep(await fastest(values['n8n-concurrency'].split(',').map(Number), n8n));
  const alone = keep(await n8n('n8n_alone', null));
  return [
    { peer: queued, leastShare: ({ name }) => (name.startsWith('fan') ? 4 : 10) },
    { peer: alone, leastShare: () => 1.5 },
  ];
}

async function startRestate(): Promise<Rival[]> {
  const folder = await installPackages(restatePackages, installEnv);
  const [inHandler, byCall] = await createRestate({ folder, searchPath: process.env['PATH'] ?? '', dataDir });
  keep(inHandler);
  return [
    { peer: inHandler, leastShare: () => 1 },
    { peer: byCall, leastShare: () => 3 },
  ];
}

/** n8n in queue mode with the number of jobs at once that gives most. */
async function fastest(
  concurrencies: readonly number[],
  start: (database: string, concurrency: number) => Promise<Peer>,
): Promise<Peer> {
  const shape = shapes[0]!;
  if (concurrencies.length === 1) return start('n8n_queue', concurrencies[0]!);
  const rates = new Map<number, number>();
  for (const concurrency of concurrencies) {
    const peer = await start(`n8n_queue_${concurrency}`, concurrency);
    try {
      await peer.runMany(shape, probeRuns);
      const ms = await milliseconds(() => peer.runMany(shape, probeRuns * 2));
      rates.set(concurrency, (probeRuns * 2 * shape.nodes * 1_000) / ms);
    } finally {
      await peer.stop();
    }
    console.log(`n8n --concurrency=${concurrency}: ${Math.round(rates.get(concurrency)!)} nodes/s of ${shape.name}`);
  }
  const [best] = [...rates].toSorted(([, left], [, right]) => right - left)[0]!;
  return start('n8n_queue', best);
}

async function measure(shape: Shape, peers: readonly Peer[]): Promise<Map<Peer, Figures>> {
  const figures = new Map<Peer, Figures>(peers.map((peer) => [peer, { throughput: [], idleMs: [] }]));
  const runs = new Map<Peer, number>();
  // Twice: connections, plans and compiled code are warm when it is counted.
  for (const peer of [...peers, ...peers]) {
    const count = Math.max(probeRuns, runs.get(peer) ?? 0);
    const ms = await milliseconds(() => peer.runMany(shape, count));
    runs.set(peer, Math.ceil((count * 1_000 * Number(values.seconds)) / ms));
  }
  for (let turn = 0; turn < turns; turn += 1) {
    for (const peer of peers) {
      const { throughput, idleMs } = figures.get(peer)!;
      for (let run = 0; run < Number(values.idle); run += 1) idleMs.push(await milliseconds(() => peer.runOnce(shape)));
      const count = Math.max(probeRuns, runs.get(peer)!);
      const ms = await milliseconds(() => peer.runMany(shape, count));
      throughput.push((count * shape.nodes * 1_000) / ms);
    }
  }
  return figures;
}
