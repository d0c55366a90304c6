import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type pg from 'pg';
import { assetSchema, type Asset } from '../core/api/assets.ts';
import { runDetailSchema, type NodeExecution, type RunDetail, type StartRunBody } from '../core/api/runs.ts';
import { workflowSchema } from '../core/api/workflows.ts';
import type { Graph } from '../core/graph/graph.ts';
import { isRunFinished } from '../core/run/status.ts';
import type { QueueKind } from './engine.ts';
import { eventually } from './eventually.ts';
import { anyBuildInEnvironment } from './frame-taker.ts';
import { createTestDatabase, openTestPool } from './postgres.ts';
import { createProjectProcesses, type ProjectProcess } from './processes.ts';
import { createTestRedis } from './redis.ts';

/** A server process and how to talk to it. */
export interface InstalledServer {
  readonly process: ProjectProcess;
  readonly url: string;
  readonly api: ApiClient;
}

/** The public API with the owner's key. Answers other than the expected are errors that show the body. */
export interface ApiClient {
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  upload(file: string): Promise<Asset>;
  download(url: string): Promise<Buffer>;
  createWorkflow(data: Graph): Promise<number>;
  start(workflowId: number, body?: StartRunBody): Promise<string>;
  run(runId: string): Promise<RunDetail>;
  /** By node id. */
  nodes(runId: string): Promise<Record<string, NodeExecution>>;
  finished(runId: string, timeoutMs?: number): Promise<RunDetail>;
}

/** Real servers and workers as processes of their own, over one database, queue and folder. */
export interface TestInstallation {
  readonly apiKey: string;
  readonly pool: pg.Pool;
  /** For programs that a test starts itself. */
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Keys of the queue in Redis start with it; null on Postgres. */
  readonly redis: { readonly url: string; readonly prefix: string } | null;
  startServer(env?: Readonly<Record<string, string>>): Promise<InstalledServer>;
  startWorker(env?: Readonly<Record<string, string>>, args?: readonly string[]): Promise<ProjectProcess>;
  stop(): Promise<void>;
}

/** The programs of the product. */
const productPrograms = { server: 'server/main.ts', worker: 'worker/main.ts' };
/** The same with the probe among their nodes. */
export const probedPrograms = { server: 'testing/probed-server-main.ts', worker: 'testing/probed-worker-main.ts' };

export async function createTestInstallation(
  kind: QueueKind,
  env: Readonly<Record<string, string>> = {},
  programs: typeof productPrograms = productPrograms,
): Promise<TestInstallation> {
  const database = await createTestDatabase();
  const redis = kind === 'redis' ? createTestRedis() : null;
  const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-installation-'));
  const pool = openTestPool(database.url, 4);
  const processes = createProjectProcesses();
  const apiKey = `hdl_${randomBytes(32).toString('base64url')}`;
  const shared = {
    DATABASE_URL: database.url,
    ...(redis === null ? {} : { REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix }),
    DATA_DIR: dataDir,
    ASSETS_URL: pathToFileURL(path.join(dataDir, 'assets')).href,
    LOG_LEVEL: 'info',
    ...anyBuildInEnvironment,
    // Tests do in seconds what a person does in an hour; those about the limits set their own.
    API_RATE_BURST: '100000',
    RUN_START_BURST: '100000',
    RUN_ACTIVE_PER_USER: '100000',
    ...env,
  };
  // To read one column costs a tenth of what the server does for a look at the run.
  const hasEnded = async (runId: string): Promise<boolean> =>
    // Another database is that of the test alone.
    env['DATABASE_URL'] !== undefined ||
    (await pool.query(`select from workflow_runs where id = $1 and finished_at is not null`, [runId])).rowCount === 1;
  return {
    apiKey,
    pool,
    databaseUrl: database.url,
    dataDir,
    redis,
    startServer: async (more = {}) => {
      const server = processes.start({
        entry: programs.server,
        env: {
          ...shared,
          PORT: '0',
          HOST: '127.0.0.1',
          BOOTSTRAP_EMAIL: 'owner@example.org',
          BOOTSTRAP_API_KEY: apiKey,
          ...more,
        },
      });
      const ready = await server.waitUntilReady();
      const url = String(ready['url']);
      return { process: server, url, api: createApiClient(url, apiKey, hasEnded) };
    },
    startWorker: async (more = {}, args = []) => {
      const worker = processes.start({ entry: programs.worker, args, env: { ...shared, ...more } });
      await worker.waitUntilReady();
      return worker;
    },
    stop: async () => {
      await processes.stopAll();
      await pool.end();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A client with any key. `hasEnded` says of a run whether it is worth looking whether it is finished; default: always. */
export function createApiClient(
  url: string,
  apiKey: string,
  hasEnded: (runId: string) => Promise<boolean> = async () => true,
): ApiClient {
  const headers = { authorization: `Bearer ${apiKey}` };

  async function request(method: string, where: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(url + where, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  async function expecting(status: number, method: string, where: string, body?: unknown): Promise<unknown> {
    const answer = await request(method, where, body);
    if (answer.status === status) return answer.body;
    throw new Error(`${method} ${where}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  const client: ApiClient = {
    request,
    upload: async (file) => {
      const form = new FormData();
      form.append('file', new Blob([new Uint8Array(await readFile(file))]), path.basename(file));
      const response = await fetch(`${url}/api/assets`, { method: 'POST', headers, body: form });
      if (response.status !== 201) throw new Error(`upload: ${response.status} ${await response.text()}`);
      return assetSchema.parse(await response.json());
    },
    download: async (where) => Buffer.from(await (await fetch(url + where, { headers })).arrayBuffer()),
    createWorkflow: async (data) =>
      workflowSchema.parse(await expecting(201, 'POST', '/api/workflows', { name: 'test', data })).id,
    start: async (workflowId, body = {}) => {
      const run = await expecting(202, 'POST', `/api/workflows/${workflowId}/run`, body);
      return (run as { id: string }).id;
    },
    run: async (runId) => runDetailSchema.parse(await expecting(200, 'GET', `/api/runs/${runId}`)),
    nodes: async (runId) => {
      const { nodeExecutions } = await client.run(runId);
      return Object.fromEntries(nodeExecutions.map((node) => [node.nodeId, node]));
    },
    finished: (runId, timeoutMs) =>
      eventually(
        async () => {
          if (!(await hasEnded(runId))) throw new Error(`run ${runId} is not finished`);
          const run = await client.run(runId);
          if (!isRunFinished(run.status)) throw new Error(`run ${runId} is still ${run.status}`);
          return run;
        },
        { timeoutMs, intervalMs: 50 },
      ),
  };
  return client;
}
