import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { v7 as newId } from 'uuid';
import { openDatabase } from '../db/client.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { freezeWorkflowVersion } from '../db/workflows/freeze-version.ts';
import { newRunRow } from '../db/runs/new-run.ts';
import { startRuns } from '../db/runs/start.ts';
import { createAddressRules } from '../net/address-rules.ts';
import { nodeCatalogue } from '../nodes/definitions.ts';
import { planScope, sha256 } from '../engine/runs/plan-request.ts';
import { createProjectProcesses } from '../testing/processes.ts';
import { conclude, type Finding } from './findings.ts';
import { startServices } from './services.ts';
import { chain } from './shapes.ts';
import { median, milliseconds } from './statistics.ts';
import { storeRuns } from './stored-runs.ts';

/*
 * How long the HTTP API takes, one request after another. Starting a run of ten
 * nodes takes turns with the one statement that stores such a run, sent from
 * here to the same database: what the API adds to its transaction is judged.
 * Then every list, of somebody who has a hundredth of all stored runs. No worker
 * runs: it is the answers that are measured.
 *
 *   npm run bench -- api [--turns 5] [--starts 100] [--requests 40] [--runs 100000] [--json FILE] [--svg FILE]
 *
 * Ends with 1 where a target is missed.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '5' },
    /** Runs started in a turn, by each of the two. */
    starts: { type: 'string', default: '100' },
    /** Requests of each list in a turn. */
    requests: { type: 'string', default: '40' },
    /** Stored runs of all users. */
    runs: { type: 'string', default: '100000' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const mostMsOverTransaction = 5;
const mostListMs = 10;
const drawnLists = 4;
/** More than a page holds, so that every page is full. */
const ownedRows = 60;
/** Who asks; one of those whose runs are stored. */
const userId = 'stored-1';
const limits = { maxActive: 100_000, maxWaiting: 100_000 };
const shape = chain(10);

type Call = (method: 'GET' | 'POST', where: string, body?: object | FormData) => Promise<{ id: number | string }>;

const services = await startServices(process.env['PATH'] ?? '');
const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-api-'));
const processes = createProjectProcesses();
try {
  const databaseUrl = await services.createDatabase('api');
  await migrateToLatest(databaseUrl);
  const database = openDatabase(databaseUrl, {
    poolSize: 10,
    applicationName: 'bench-api',
    onError: (error) => console.error(`lost a connection: ${error.message}`),
  });
  const { pool } = database;
  await storeRuns(pool, Number(values.runs));
  // Some lists are for owners.
  await pool.query(`update users set role = 'owner' where id = $1`, [userId]);
  const key = `hdl_${randomBytes(32).toString('base64url')}`;
  const server = processes.start({
    entry: 'server/main.ts',
    env: {
      DATABASE_URL: databaseUrl,
      ...(services.redisUrl === null ? {} : { REDIS_URL: services.redisUrl, REDIS_PREFIX: '{api}' }),
      DATA_DIR: dataDir,
      PORT: '0',
      BOOTSTRAP_EMAIL: `${userId}@example.org`,
      BOOTSTRAP_API_KEY: key,
      API_RATE_BURST: '1000000',
      RUN_START_BURST: '1000000',
      RUN_ACTIVE_PER_USER: String(limits.maxActive),
      LOG_LEVEL: 'error',
    },
  });
  const url = String((await server.waitUntilReady())['url']);
  const call: Call = async (method, where, body) => {
    const isForm = body instanceof FormData;
    const response = await fetch(url + where, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined || isForm ? body : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${where}: ${response.status} ${text}`);
    return JSON.parse(text) as { id: number | string };
  };
  const workflowId = await addOwnedRows(call);
  const starts = await measureStarts(call, workflowId);
  const { rows } = await pool.query<{ id: number }>('select min(id) as id from workflows where user_id = $1', [userId]);
  const lists = await measureLists(call, rows[0]!.id);
  await server.kill('SIGTERM');
  await database.stop();
  // What there is room for.
  const drawn = [...starts.slice(1), ...lists.slice(0, drawnLists)];
  await conclude({
    scenario: 'api',
    findings: [...starts, ...lists],
    plot: {
      title: 'Median time of an answer',
      unit: 'ms, median of the turns',
      kind: 'bars',
      groups: drawn.map(({ name }) => name.replace(/, p50|GET \/api\//g, '')),
      series: [{ name: 'HTTP API', values: drawn.map(({ value }) => value) }],
    },
    json: values.json,
    svg: values.svg,
  });

  /** Runs that were started stand in the way of nothing; they go after each turn, so that every turn finds the same. */
  async function measureStarts(call: Call, workflowId: number): Promise<Finding[]> {
    const { plan } = planScope(
      {
        catalogue: nodeCatalogue,
        graphLimits: { maxNodes: 100, maxEdges: 100, maxChain: 100, maxFanOut: 100 },
        addresses: createAddressRules(),
        nodeTimeoutMs: 600_000,
      },
      shape.graph,
      {},
    );
    const workflowVersionId = await freezeWorkflowVersion(pool, {
      id: newId(),
      workflowId,
      contentHash: sha256('the graph of this bench'),
      graph: shape.graph,
    });
    const insert = async () => {
      const nodes = plan.nodes.map((node) => ({ ...node, id: newId(), reused: null }));
      const run = { id: newId(), workflowId, workflowVersionId, revision: null, userId, nodes };
      const asked = { triggerType: 'API', mode: 'all', nodeIds: null, useCache: null, retryOf: null } as const;
      const [start] = await startRuns(pool, [newRunRow({ ...run, ...asked, timeoutMs: 3_600_000 })], limits);
      if (start?.turn !== 'admitted') throw new Error(`A run was not admitted: ${start?.turn}.`);
    };
    const post = () => call('POST', `/api/workflows/${workflowId}/run`);
    const medians = { insert: [] as number[], post: [] as number[] };
    // The first turn warms up.
    for (let turn = 0; turn <= Number(values.turns); turn += 1) {
      const times = { insert: [] as number[], post: [] as number[] };
      for (let start = 0; start < Number(values.starts); start += 1) {
        times.insert.push(await milliseconds(insert));
        times.post.push(await milliseconds(post));
      }
      await pool.query('delete from workflow_runs where workflow_id = $1', [workflowId]);
      if (turn === 0) continue;
      medians.insert.push(median(times.insert));
      medians.post.push(median(times.post));
    }
    const over = medians.post.map((ms, turn) => ms - medians.insert[turn]!);
    return [
      {
        name: 'POST /run over its transaction, p50',
        value: median(over),
        unit: 'ms',
        target: { kind: 'at most', value: mostMsOverTransaction },
        turns: over,
      },
      { name: 'POST /run, p50', value: median(medians.post), unit: 'ms', turns: medians.post },
      { name: 'its transaction alone, p50', value: median(medians.insert), unit: 'ms', turns: medians.insert },
    ];
  }
} finally {
  await processes.stopAll();
  await services.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Workflows and files for more than a page of each. Returns one of the workflows. */
async function addOwnedRows(call: Call): Promise<number> {
  const pixel = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#808080' } })
    .png()
    .toBuffer();
  let workflowId = 0;
  for (let row = 0; row < ownedRows; row += 1) {
    const form = new FormData();
    form.set('file', new File([new Uint8Array(pixel)], `picture ${row}.png`, { type: 'image/png' }));
    await call('POST', '/api/assets', form);
    const { id } = await call('POST', '/api/workflows', { name: `workflow ${row}`, data: shape.graph });
    workflowId = Number(id);
  }
  return workflowId;
}

async function measureLists(call: Call, workflowId: number): Promise<Finding[]> {
  const lists = [
    '/api/workflows',
    '/api/runs',
    `/api/workflows/${workflowId}/runs`,
    '/api/assets',
    '/api/node-types',
    '/api/keys',
    '/api/members',
    '/api/workers',
    '/api/admin/audit',
  ];
  /** They count what there is, for people who look now and then; only told. */
  const counts = ['/api/usage', '/api/queues'];
  const findings: Finding[] = [];
  for (const where of [...lists, ...counts]) {
    const medians: number[] = [];
    for (let turn = 0; turn <= Number(values.turns); turn += 1) {
      const times: number[] = [];
      for (let request = 0; request < Number(values.requests); request += 1)
        times.push(await milliseconds(() => call('GET', where)));
      if (turn > 0) medians.push(median(times));
    }
    findings.push({
      name: `GET ${where.replace(/\d+/, ':id')}, p50`,
      value: median(medians),
      unit: 'ms',
      ...(lists.includes(where) ? { target: { kind: 'at most' as const, value: mostListMs } } : {}),
      turns: medians,
    });
  }
  return findings;
}
