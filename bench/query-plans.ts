import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { pino } from 'pino';
import { v7 as newId } from 'uuid';
import { createScrubber } from '../core/scrub.ts';
import { readConfig as readServerConfig } from '../server/config.ts';
import { startServer } from '../server/start-server.ts';
import { readConfig as readWorkerConfig } from '../worker/config.ts';
import { startWorker } from '../worker/start-worker.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { startServices } from './services.ts';
import { storeRuns } from './stored-runs.ts';

/*
 * The plan of every query that a server and a worker send while they are used,
 * with a million stored runs. Writes docs/query-plans.md.
 *
 *   npm run bench query-plans -- [--runs 1000000] [--out docs/query-plans.md]
 *
 * Ends with 1 where a query reads a whole table that grows with the history.
 */
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000000' }, out: { type: 'string', default: 'docs/query-plans.md' } },
});

/** Tables that grow with every run. */
const growing = ['workflow_runs', 'node_executions', 'run_events', 'workflow_versions'];

/** Every text that goes over a connection of this process, and how often. */
function listenToQueries(): Map<string, number> {
  const heard = new Map<string, number>();
  const original = pg.Client.prototype.query as (...parts: unknown[]) => unknown;
  pg.Client.prototype.query = function (this: pg.Client, ...parts: unknown[]) {
    const [query] = parts;
    const text = typeof query === 'string' ? query : (query as { text?: string }).text;
    if (text !== undefined) heard.set(text, (heard.get(text) ?? 0) + 1);
    return original.apply(this, parts);
  } as typeof pg.Client.prototype.query;
  return heard;
}

const services = await startServices(process.env['PATH'] ?? '');
const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-plans-'));
try {
  const databaseUrl = await services.createDatabase('plans');
  await migrateToLatest(databaseUrl);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  await storeRuns(pool, Number(values.runs));
  const heard = listenToQueries();
  await workWithAll(databaseUrl);
  const texts = [...heard.keys()].filter((text) => /^\s*(?:select|insert|update|delete|with)\b/i.test(text));
  heard.clear();
  const plans: { name: string; text: string; plan: string }[] = [];
  for (const text of texts) {
    const plan = await planOf(pool, text);
    if (plan !== null) plans.push({ name: nameOf(text), text, plan });
  }
  await pool.end();
  const whole = plans.filter(({ plan }) =>
    growing.some((table) => new RegExp(`Seq Scan on ${table}(?:_\\w+)?\\b`).test(plan)),
  );
  await writeFile(values.out, pageOf(plans, whole.length));
  console.log(`${plans.length} queries, ${whole.length} of them read a whole growing table; see ${values.out}`);
  for (const { text, plan } of whole) console.log(`\n${text.trim().slice(0, 400)}\n${plan}`);
  if (whole.length > 0) process.exitCode = 1;
} finally {
  await services.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** The plan that Postgres makes without knowing the values, as workers use it; null for what has none, such as a catalogue look-up. */
async function planOf(on: pg.Pool, text: string): Promise<string | null> {
  if (/pg_catalog|information_schema|kysely_migration|pg_stat_activity(?![\s\S]*workflow_runs)/.test(text)) return null;
  try {
    const { rows } = await on.query<{ 'QUERY PLAN': string }>(`explain (generic_plan, costs off) ${text}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } catch {
    // Types of bare parameters cannot be told without their values.
    return null;
  }
}

function nameOf(text: string): string {
  const [, verb = '', table = ''] = /^\s*(\w+)[\s\S]*?(?:from|into|update)\s+"?([a-z_]+)"?/i.exec(text) ?? [];
  return `${verb.toLowerCase()} ${table}`;
}

function pageOf(plans: readonly { name: string; text: string; plan: string }[], whole: number): string {
  const entries = plans
    .toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0))
    .map(({ name, text, plan }) => `## ${name}\n\n\`\`\`sql\n${text.trim()}\n\`\`\`\n\n\`\`\`\n${plan}\n\`\`\`\n`);
  return [
    '# Query plans\n',
    `Written by \`npm run bench query-plans\`: every query that a server and a worker sent while workflows were made, run,\ncancelled, retried, listed and read beside ${Number(values.runs).toLocaleString('en')} stored runs, with the plan that Postgres\nmakes for it without knowing the values. ${whole} of ${plans.length} read a whole table that grows with the history.\n`,
    ...entries,
  ].join('\n');
}

/** Goes through the API and lets a worker work. */
async function workWithAll(databaseUrl: string): Promise<void> {
  const key = `hdl_${randomBytes(32).toString('base64url')}`;
  const env = {
    DATABASE_URL: databaseUrl,
    ...(services.redisUrl === null ? {} : { REDIS_URL: services.redisUrl }),
    REDIS_PREFIX: '{plans}',
    DATA_DIR: dataDir,
    PATH: process.env['PATH'] ?? '',
  };
  const logger = pino({ level: 'silent' });
  const started = { logger, scrubber: createScrubber([key]), version: 'bench', newId: () => newId() };
  const config = readServerConfig({
    ...env,
    PORT: '0',
    WEB_DIR: dataDir,
    BOOTSTRAP_EMAIL: 'owner@example.org',
    BOOTSTRAP_API_KEY: key,
  });
  const server = await startServer({ ...started, config });
  const worker = await startWorker({ ...started, config: readWorkerConfig(2, env) });
  const call = async (method: string, where: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(server.url + where, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return (text.startsWith('{') ? JSON.parse(text) : {}) as { id?: string | number };
  };
  const node = (id: string, ms: number) => ({ id, type: 'delay', position: { x: 0, y: 0 }, data: { ms } });
  const data = { nodes: [node('a', 0), node('b', 0)], edges: [{ id: 'e', source: 'a', target: 'b' }] };
  try {
    const { id } = await call('POST', '/api/workflows', { name: 'plans', data });
    const slow = await call('POST', '/api/workflows', {
      name: 'slow',
      data: { nodes: [node('a', 60_000)], edges: [] },
    });
    const run = await call('POST', `/api/workflows/${id}/run?wait=20`, {}, { 'idempotency-key': 'once' });
    await call('POST', `/api/workflows/${id}/run?wait=20`, { mode: 'selected', nodeIds: ['b'] });
    await call('POST', `/api/workflows/${id}/run?wait=20`, { useCache: true });
    await call('POST', `/api/workflows/${id}/plan`, { useCache: true });
    const cancelled = await call('POST', `/api/workflows/${slow.id}/run`, {});
    await call('POST', `/api/runs/${cancelled.id}/cancel`, {});
    await call('POST', `/api/runs/${cancelled.id}/retry`, {});
    for (const where of [
      '/api/me',
      '/api/workflows',
      '/api/workflows?sort=name',
      '/api/runs',
      '/api/runs?status=COMPLETED',
      `/api/runs/${run.id}`,
      `/api/runs/${run.id}/graph`,
      `/api/runs/${run.id}/events`,
      `/api/workflows/${id}`,
      `/api/workflows/${id}/runs`,
      '/api/assets',
      '/api/keys',
      '/api/admin/workers',
      '/api/admin/queues',
      '/metrics',
    ]) {
      await call('GET', where);
    }
    // One sweep with everything in it, the check of the invariants too.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    await call('DELETE', `/api/runs/${run.id}`);
    await call('DELETE', `/api/workflows/${id}`);
  } finally {
    await worker.stop();
    await server.stop();
  }
}
