import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { findFreePort, loopback } from '../../embedded/free-port.ts';
import type { Shape } from '../shapes.ts';
import { lookManyMs, lookOnceMs, post, startMany, untilOver, type Peer } from './peer.ts';
import type { Packages } from './packages.ts';
import { startProgram, type Program } from './program.ts';

/** n8n needs a newer Node than this project does: it comes as a package as well. */
export const n8nPackages: Packages = {
  name: 'n8n',
  packages: ['node@24.9.0', 'n8n@2.41.1'],
  scriptsOf: ['node'],
};

export interface N8nOptions {
  readonly folder: string;
  readonly searchPath: string;
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Queue mode with one worker of so many jobs at once; null: everything in one process, set to be as fast as it gets. */
  readonly workerConcurrency: number | null;
}

/** Nothing is sent anywhere, and nothing listens but on this machine. */
const silent = {
  N8N_DIAGNOSTICS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
  N8N_DYNAMIC_BANNERS_ENABLED: 'false',
  N8N_TEMPLATES_ENABLED: 'false',
  N8N_PERSONALIZATION_ENABLED: 'false',
  N8N_HIRING_BANNER_ENABLED: 'false',
  N8N_COMMUNITY_PACKAGES_ENABLED: 'false',
  N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
  EXTERNAL_FRONTEND_HOOKS_URLS: '',
  N8N_LISTEN_ADDRESS: loopback,
  N8N_RUNNERS_BROKER_LISTEN_ADDRESS: loopback,
  N8N_WORKER_SERVER_ADDRESS: loopback,
  N8N_LOG_LEVEL: 'error',
};

/** What made one process faster, on top of having no queue. */
const tuned = {
  EXECUTIONS_MODE: 'regular',
  N8N_EXPRESSION_ENGINE: 'legacy',
  N8N_RUNNERS_ENABLED: 'false',
  DB_POSTGRESDB_POOL_SIZE: '10',
};

/** Started by webhooks, which answer at once; an execution is over when its row in Postgres says so. */
export async function createN8n(options: N8nOptions): Promise<Peer> {
  const { folder, searchPath, dataDir, databaseUrl, workerConcurrency } = options;
  const home = path.join(dataDir, randomUUID());
  await mkdir(home);
  const isQueued = workerConcurrency !== null;
  const port = await findFreePort();
  const url = `http://${loopback}:${port}`;
  const key = randomBytes(24).toString('hex');
  const programs: Program[] = [];
  const run = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
    const program = startProgram(
      path.join(folder, 'node_modules/.bin/node'),
      [path.join(folder, 'node_modules/n8n/bin/n8n'), ...args],
      {
        home,
        searchPath,
        env: {
          ...silent,
          ...placesOf(options),
          ...(isQueued ? { EXECUTIONS_MODE: 'queue' } : tuned),
          N8N_USER_FOLDER: home,
          N8N_ENCRYPTION_KEY: key,
          N8N_PORT: String(port),
          N8N_RUNNERS_BROKER_PORT: String(await findFreePort()),
          N8N_SECURE_COOKIE: 'false',
          ...env,
        },
      },
    );
    programs.push(program);
    return program;
  };
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const stop = async () => {
    for (const program of programs.toReversed()) await program.stop();
    await pool.end();
  };
  try {
    const main = await run(['start'], {});
    const answers = async (where: string) => (await fetch(url + where).catch(() => undefined))?.ok === true;
    await main.waitUntil(() => answers('/healthz/readiness'));
    if (isQueued) {
      const healthPort = await findFreePort();
      const worker = await run(['worker', `--concurrency=${workerConcurrency}`], {
        QUEUE_HEALTH_CHECK_ACTIVE: 'true',
        QUEUE_HEALTH_CHECK_PORT: String(healthPort),
      });
      await worker.waitUntil(
        async () =>
          (await fetch(`http://${loopback}:${healthPort}/healthz/readiness`).catch(() => undefined))?.ok === true,
      );
    }
    const cookie = await signUp(url);
    const webhooks = new Map<string, Promise<string>>();
    const addWebhook = async (shape: Shape) => {
      const hook = randomUUID();
      await addWorkflow(url, cookie, workflowOf(shape, hook));
      // n8n begins to listen after its answer.
      const text = 'select from webhook_entity where "webhookPath" = $1';
      await untilOver(async () => (await pool.query(text, [hook])).rowCount === 1, lookManyMs);
      return `${url}/webhook/${hook}`;
    };
    const start = async (shape: Shape) => {
      let known = webhooks.get(shape.name);
      if (known === undefined) webhooks.set(shape.name, (known = addWebhook(shape)));
      await post(await known, null);
    };
    /** Runs `work`, which starts so many executions, and waits for their end. */
    const untilAllOver = async (count: number, everyMs: number, work: () => Promise<void>) => {
      const last = (await pool.query<{ id: number }>('select coalesce(max(id), 0) as id from execution_entity'))
        .rows[0]!.id;
      await work();
      await untilOver(async () => {
        const { rows } = await pool.query<{ good: number; bad: number }>({
          name: 'count-executions',
          text: `select count(*) filter (where status = 'success')::integer as good,
                        count(*) filter (where status in ('error', 'crashed', 'canceled'))::integer as bad
                   from execution_entity where id > $1`,
          values: [last],
        });
        if (rows[0]!.bad > 0) throw new Error('An execution of n8n did not succeed.');
        return rows[0]!.good === count;
      }, everyMs);
    };
    return {
      name: isQueued ? 'n8n in queue mode' : 'n8n at its best',
      settings: isQueued
        ? `one main and one worker as installed, --concurrency=${workerConcurrency}`
        : Object.entries(tuned)
            .map(([name, value]) => `${name}=${value}`)
            .join(' '),
      runOnce: (shape) => untilAllOver(1, lookOnceMs, () => start(shape)),
      runMany: (shape, count) => untilAllOver(count, lookManyMs, () => startMany(count, () => start(shape))),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The owner of a fresh installation; returns the cookie of the session. */
async function signUp(url: string): Promise<string> {
  const password = `A1${randomBytes(12).toString('hex')}`;
  const owner = { email: 'owner@example.org', firstName: 'Bench', lastName: 'Owner', password };
  const { cookies } = await post(`${url}/rest/owner/setup`, owner);
  return cookies.join('; ');
}

async function addWorkflow(url: string, cookie: string, workflow: object): Promise<void> {
  const { body } = await post(`${url}/rest/workflows`, workflow, { cookie });
  const { id, versionId } = (body as { data: { id: string; versionId: string } }).data;
  await post(`${url}/rest/workflows/${id}/activate`, { versionId }, { cookie });
}

/**
 * As many nodes as the shape has: its first is the webhook, what waits for
 * several is a merge, the others do nothing.
 */
function workflowOf({ name, graph }: Shape, hook: string): object {
  const dependencies = new Map(graph.nodes.map(({ id }) => [id, graph.edges.filter(({ target }) => target === id)]));
  const nodes = graph.nodes.map(({ id, position }) => {
    const waitsFor = dependencies.get(id)!.length;
    const type =
      waitsFor === 0
        ? {
            type: 'n8n-nodes-base.webhook',
            typeVersion: 2,
            webhookId: hook,
            parameters: { httpMethod: 'POST', path: hook, responseMode: 'onReceived', options: {} },
          }
        : waitsFor === 1
          ? { type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} }
          : { type: 'n8n-nodes-base.merge', typeVersion: 3, parameters: { numberInputs: waitsFor } };
    return { id, name: id, position: [position.x, position.y], ...type };
  });
  const connections = Object.fromEntries(
    graph.nodes.map(({ id }) => {
      const after = graph.edges.filter(({ source }) => source === id);
      const main = after.map(({ target, id: edge }) => ({
        node: target,
        type: 'main',
        index: dependencies.get(target)!.findIndex((dependency) => dependency.id === edge),
      }));
      return [id, { main: [main] }];
    }),
  );
  return { name, nodes, connections, settings: { executionOrder: 'v1' }, active: false };
}

function placesOf({ databaseUrl, redisUrl }: N8nOptions): Readonly<Record<string, string>> {
  const [database, redis] = [new URL(databaseUrl), new URL(redisUrl)];
  return {
    DB_TYPE: 'postgresdb',
    DB_POSTGRESDB_HOST: database.hostname,
    DB_POSTGRESDB_PORT: database.port,
    DB_POSTGRESDB_DATABASE: database.pathname.slice(1),
    DB_POSTGRESDB_USER: database.username,
    DB_POSTGRESDB_PASSWORD: decodeURIComponent(database.password),
    QUEUE_BULL_REDIS_HOST: redis.hostname,
    QUEUE_BULL_REDIS_PORT: redis.port,
    QUEUE_BULL_REDIS_USERNAME: decodeURIComponent(redis.username),
    QUEUE_BULL_REDIS_PASSWORD: decodeURIComponent(redis.password),
  };
}
