import { mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDatabase } from '../db/client.ts';
import { insertApiKeyOnce } from '../db/api-keys/insert.ts';
import { insertUserOnce } from '../db/users/insert.ts';
import { hashSecret, keyPrefix, newApiKey } from '../server/auth/secrets.ts';
import { createFloods } from '../testing/floods.ts';
import { nodeOf } from '../testing/graphs.ts';
import { hostileBodies, sendHostileBody } from '../testing/hostile-bodies.ts';
import { createApiClient, type ApiClient } from '../testing/installation.ts';
import { createProjectProcesses } from '../testing/processes.ts';
import { conclude, type Finding } from './findings.ts';
import { startInstallation } from './installation.ts';
import { startServices } from './services.ts';
import { median, milliseconds, quantile } from './statistics.ts';

/*
 * What one user costs the others of the same installation: how long their
 * requests take beside floods, how long the loop of a server stands still for a
 * hostile body, and how long their runs wait beside thousands of somebody else.
 * What is alone and what is beside take turns.
 *
 *   npm run bench -- neighbors [--turns 5] [--runs 10000] [--json FILE] [--svg FILE]
 *
 * Ends with 1 where a target is missed.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '5' },
    /** Runs of the other user that wait. */
    runs: { type: 'string', default: '10000' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const turns = Number(values.turns);
/** Others may be slowed to less than this many times of what they have alone. */
const mostTimes = 2;
/** The longest that one body may hold the loop, in ms. */
const mostLagMs = 200;

const services = await startServices(process.env['PATH'] ?? '');
const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-neighbors-'));
const processes = createProjectProcesses();
try {
  const databaseUrl = await services.createDatabase('neighbors');
  const { url, apiKey } = await startInstallation(
    processes,
    { databaseUrl, redisUrl: services.redisUrl, redisPrefix: '{neighbors}', dataDir },
    { RUN_ACTIVE_PER_USER: '5' },
  );
  const loud = createApiClient(url, apiKey);
  const quiet = createApiClient(url, await addUser(databaseUrl));
  const findings: Finding[] = [];
  for (const flood of createFloods(url, apiKey)) {
    const ratios: number[] = [];
    await requestsP99(quiet);
    for (let turn = 0; turn < turns; turn += 1) {
      const alone = await requestsP99(quiet);
      const end = await flood.begin();
      const beside = await requestsP99(quiet);
      await end();
      ratios.push(beside / alone);
    }
    findings.push(finding(`p99 beside ${flood.name}`, ratios, 'x alone', mostTimes));
  }
  for (const body of hostileBodies) {
    const lags: number[] = [];
    for (let turn = 0; turn < turns; turn += 1)
      lags.push(await longestLagMs(url, () => sendHostileBody(url, apiKey, body)));
    findings.push(finding(`loop stands still for a body ${body.name}`, lags, 'ms', mostLagMs));
  }
  findings.push(await waitBesideRuns(loud, quiet));
  await conclude({
    scenario: 'neighbors',
    findings,
    plot: {
      title: 'What one user costs the others',
      unit: 'times of what they have alone',
      kind: 'bars',
      groups: findings.filter(({ unit }) => unit === 'x alone').map(({ name }) => name.slice(0, 40)),
      series: [{ name: 'beside', values: findings.filter(({ unit }) => unit === 'x alone').map(({ value }) => value) }],
    },
    json: values.json,
    svg: values.svg,
  });
} finally {
  await processes.stopAll();
  await services.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function finding(name: string, figures: readonly number[], unit: string, most: number): Finding {
  return { name, value: median(figures), unit, target: { kind: 'at most', value: most }, turns: figures };
}

/** One more user, with an API key that is returned. */
async function addUser(databaseUrl: string): Promise<string> {
  const database = openDatabase(databaseUrl, { poolSize: 1, applicationName: 'bench', onError: () => {} });
  const id = `user_${randomUUID()}`;
  const key = newApiKey();
  await insertUserOnce(database.db, { id, email: `${id}@example.org`, role: 'member', passwordHash: null });
  await insertApiKeyOnce(database.db, {
    id: randomUUID(),
    userId: id,
    name: 'bench',
    prefix: keyPrefix(key),
    keyHash: hashSecret(key),
    scopes: ['read', 'write', 'run'],
    expiresAt: null,
  });
  await database.stop();
  return key;
}

/** The 99th percentile of how long a request takes, in ms, of requests one after another. */
async function requestsP99(api: ApiClient): Promise<number> {
  const times: number[] = [];
  for (let request = 0; request < 200; request += 1) {
    times.push(
      await milliseconds(async () => {
        const { status } = await api.request('GET', '/api/me');
        if (status !== 200) throw new Error(`GET /api/me was answered ${status}.`);
      }),
    );
  }
  return quantile(times, 0.99);
}

/** The longest that the loop of the server stood still while `happening`, in ms, by its own metrics. */
async function longestLagMs(url: string, happening: () => Promise<unknown>): Promise<number> {
  const read = async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1]) * 1_000;
  };
  // Reading begins anew; what happens before the next two turns of its clock would not be seen.
  await read();
  await sleep(50);
  await happening();
  return read();
}

/** How long runs wait beside thousands of somebody else, against how long they wait alone. */
async function waitBesideRuns(busy: ApiClient, other: ApiClient): Promise<Finding> {
  const pause = (ms: number) => ({ nodes: [nodeOf('pause', 'delay', { ms })], edges: [] });
  const short = await other.createWorkflow(pause(1));
  const waitsP95 = async () => {
    const waits: number[] = [];
    for (let run = 0; run < 50; run += 1) {
      const { createdAt, nodeExecutions } = await other.finished(await other.start(short));
      waits.push(Date.parse(nodeExecutions[0]!.startedAt!) - Date.parse(createdAt));
    }
    return quantile(waits, 0.95);
  };
  await waitsP95();
  const alone: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) alone.push(await waitsP95());
  // A run as a model node makes it: it waits for the outside world.
  const long = await busy.createWorkflow(pause(1_000));
  for (let started = 0; started < Number(values.runs); started += 100)
    await Promise.all(Array.from({ length: 100 }, () => busy.start(long)));
  const ratios: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) ratios.push((await waitsP95()) / median(alone));
  return finding(`p95 wait of a run beside ${values.runs} of somebody else`, ratios, 'x alone', mostTimes);
}
