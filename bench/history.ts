import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { migrateToLatest } from '../db/migrate.ts';
import { createProjectProcesses } from '../testing/processes.ts';
import { conclude, type Finding } from './findings.ts';
import { measureRetention } from './retention.ts';
import { createHeddle } from './heddle.ts';
import { startServices } from './services.ts';
import { chain } from './shapes.ts';
import { median, milliseconds } from './statistics.ts';
import { storeRuns } from './stored-runs.ts';
import type { System } from './system.ts';

/*
 * What a long history costs: throughput beside stored runs against an empty
 * database, both in turn, how long it takes to list runs and to open one, and to delete the oldest month.
 *
 *   npm run bench -- history [--runs 1000000] [--lean] [--turns 5] [--nodes 8000] [--json FILE] [--svg FILE]
 *
 * Ends with 1 where a target is missed. A million runs take about 5 GB and some minutes to store; with `--lean`, of one
 * node and with an event for each end only, 2 GB.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    lean: { type: 'boolean', default: false },
    turns: { type: 'string', default: '5' },
    nodes: { type: 'string', default: '8000' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const stored = Number(values.runs);
const turns = Number(values.turns);
const requestsPerTurn = 40;
/** Statements of the cleaner in each turn, each of a hundred runs at most. */
const deletionsPerTurn = 30;

const services = await startServices(process.env['PATH'] ?? '');
const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-history-'));
const processes = createProjectProcesses();
try {
  const fullUrl = await services.createDatabase('with_history');
  await migrateToLatest(fullUrl);
  const pool = new pg.Pool({ connectionString: fullUrl, max: 2 });
  pool.on('error', () => {});
  console.log(`storing ${stored.toLocaleString('en')} runs`);
  await storeRuns(pool, stored, values.lean ? { nodes: 1, events: 'end' } : undefined);
  console.log(`stored; ${turns} turns`);
  const systems = {
    empty: await createHeddle({
      databaseUrl: await services.createDatabase('without_history'),
      redisUrl: services.redisUrl,
    }),
    full: await createHeddle({ databaseUrl: fullUrl, redisUrl: services.redisUrl }),
  };
  const rates = await measureThroughput(systems);
  await systems.empty.stop();
  await systems.full.stop();
  const findings = [
    ...throughputFindings(rates),
    ...(await measureRequests(fullUrl, pool)),
    ...(await measureRetention(pool, turns, deletionsPerTurn)),
  ];
  await pool.end();
  await conclude({
    scenario: `history of ${stored} runs`,
    findings,
    plot: {
      title: `Nodes a second beside ${stored.toLocaleString('en')} stored runs, and beside none`,
      unit: 'nodes/s',
      kind: 'bars',
      groups: rates.empty.map((_, turn) => `turn ${turn + 1}`),
      series: [
        { name: 'empty', values: rates.empty },
        { name: 'with the history', values: rates.full },
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

async function measureThroughput(systems: Record<'empty' | 'full', System>) {
  const shape = chain(10);
  const runs = Array.from({ length: Math.ceil(Number(values.nodes) / shape.nodes) }, () => shape);
  const rates = { empty: [] as number[], full: [] as number[] };
  for (const name of ['empty', 'full'] as const) await systems[name].runMany(runs.slice(0, runs.length / 4));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const name of turn % 2 === 0 ? (['empty', 'full'] as const) : (['full', 'empty'] as const)) {
      const ms = await milliseconds(() => systems[name].runMany(runs));
      rates[name].push((runs.length * shape.nodes * 1_000) / ms);
    }
  }
  return rates;
}

function throughputFindings(rates: Record<'empty' | 'full', readonly number[]>): Finding[] {
  const shares = rates.full.map((rate, turn) => rate / rates.empty[turn]!);
  return [
    {
      name: 'throughput with the history, against an empty database',
      value: median(shares),
      unit: 'x',
      target: { kind: 'at least', value: 0.95 },
      turns: shares,
    },
    { name: 'chain10 with the history', value: median(rates.full), unit: 'nodes/s', turns: rates.full },
    { name: 'chain10 on an empty database', value: median(rates.empty), unit: 'nodes/s', turns: rates.empty },
  ];
}

/** Lists of runs and single runs of somebody who has ten thousandth of them all, over HTTP. */
async function measureRequests(databaseUrl: string, pool: pg.Pool): Promise<Finding[]> {
  const key = `hdl_${randomBytes(32).toString('base64url')}`;
  const server = processes.start({
    entry: 'server/main.ts',
    env: {
      DATABASE_URL: databaseUrl,
      ...(services.redisUrl === null ? {} : { REDIS_URL: services.redisUrl, REDIS_PREFIX: '{history}' }),
      DATA_DIR: dataDir,
      PORT: '0',
      BOOTSTRAP_EMAIL: 'stored-1@example.org',
      BOOTSTRAP_API_KEY: key,
      API_RATE_BURST: '1000000',
      LOG_LEVEL: 'error',
    },
  });
  const url = String((await server.waitUntilReady())['url']);
  const headers = { authorization: `Bearer ${key}` };
  const { rows } = await pool.query<{ id: string; workflowId: number }>(
    `select id, workflow_id as "workflowId" from workflow_runs where user_id = 'stored-1' order by created_at limit 1000`,
  );
  const get = async (where: string) => {
    const response = await fetch(url + where, { headers });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${where}: ${response.status} ${text}`);
  };
  const requests: Record<string, (index: number) => string> = {
    'list runs': () => '/api/runs',
    'list the runs of a workflow': (index) => `/api/workflows/${rows[index % rows.length]!.workflowId}/runs`,
    'open a run': (index) => `/api/runs/${rows[(index * 7) % rows.length]!.id}`,
    'list workflows': () => '/api/workflows',
  };
  const findings: Finding[] = [];
  for (const [name, where] of Object.entries(requests)) {
    const medians: number[] = [];
    // The first turn warms up.
    for (let turn = 0; turn <= turns; turn += 1) {
      const times: number[] = [];
      for (let request = 0; request < requestsPerTurn; request += 1)
        times.push(await milliseconds(() => get(where(turn * requestsPerTurn + request))));
      if (turn > 0) medians.push(median(times));
    }
    findings.push({ name, value: median(medians), unit: 'ms', target: { kind: 'at most', value: 10 }, turns: medians });
  }
  await server.kill('SIGTERM');
  return findings;
}
