import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { v7 as newId } from 'uuid';
import { createAddressRules } from '../net/address-rules.ts';
import { createStoredLists } from '../assets/stored-lists.ts';
import { createScrubber } from '../core/scrub.ts';
import { defaultRegionLimits } from '../core/limits.ts';
import type { Logger } from '../core/node-type/executor.ts';
import { defaultRetryPolicy } from '../core/run/retry.ts';
import { openDatabase } from '../db/client.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { createRunTurns } from '../engine/runs/run-turns.ts';
import { defaultSweeperTimes } from '../engine/duties/sweep/sweep-context.ts';
import { nodeCatalogue } from '../nodes/definitions.ts';
import { delayExecutor } from '../nodes/flow/delay/executor.ts';
import { listExecutor } from '../nodes/input/list/executor.ts';
import { openQueueBackend } from '../queue/backend.ts';
import { migratePostgresQueue } from '../queue/postgres-schema.ts';
import { createRunQueue } from '../queue/run-queue.ts';
import { createRunStarter } from '../engine/runs/run-starter.ts';
import type { DisposableAssets } from '../worker/attempt-dependencies.ts';
import { createWorkerRuntime } from '../worker/runtime.ts';
import { defaultLeaseTimes } from '../worker/session.ts';
import { clockOf, refuseBadRuns } from './bad-runs.ts';
import type { Shape } from './shapes.ts';
import { concurrency, type System } from './system.ts';

export interface HeddleOptions {
  readonly databaseUrl: string;
  /** Null: the queue lives in Postgres. */
  readonly redisUrl: string | null;
  /** Keys in Redis start with it. Default: a prefix of its own. */
  readonly redisPrefix?: string;
  /** Jobs at once; 0: this process has no worker. Default: as many as BullMQ alone gets. */
  readonly jobsAtOnce?: number;
}

/** One user starts all runs of a workload at once, and none of them shall wait for its turn. */
const maxActiveRunsPerUser = 100_000;

/** Heddle, with what only it is asked. */
export interface HeddleSystem extends System {
  /** The same as `runOnce`, of another user than the one who starts everything else. */
  runOnceBeside(shape: Shape): Promise<void>;
  /** Looks at what was written down. */
  ask<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** As a server and a worker are set up, in one process; every status change is durable in Postgres and written as an event. */
export async function createHeddle({
  databaseUrl,
  redisUrl,
  redisPrefix = `bench-${randomUUID()}`,
  jobsAtOnce = concurrency,
}: HeddleOptions): Promise<HeddleSystem> {
  await migrateToLatest(databaseUrl);
  if (redisUrl === null) await migratePostgresQueue(databaseUrl);
  const onError = (error: Error) => console.error(`lost a connection: ${error.message}`);
  const server = openDatabase(databaseUrl, { poolSize: 10, applicationName: 'bench-server', onError });
  const worker = openDatabase(databaseUrl, { poolSize: 6, applicationName: 'bench-worker', onError, plansOnce: true });
  const observer = openDatabase(databaseUrl, { poolSize: 1, applicationName: 'bench-observer', onError });
  const statements = countStatements([server.pool, worker.pool]);
  const backend = openQueueBackend(
    redisUrl === null ? { kind: 'postgres', url: databaseUrl } : { kind: 'redis', url: redisUrl, prefix: redisPrefix },
    onError,
  );
  const queue = createRunQueue(backend);
  const notices = backend.openNotices(onError);
  await notices.start();
  const [userId, otherId]: [string, string] = [randomUUID(), randomUUID()];
  for (const id of [userId, otherId])
    await server.pool.query('insert into users (id, email) values ($1, $2)', [id, `${id}@example.org`]);

  const runtime = createWorkerRuntime(
    {
      pool: worker.pool,
      backend,
      queue,
      notices,
      catalogue: nodeCatalogue,
      executors: [delayExecutor, listExecutor],
      mediaOf: () => unused('media'),
      modelsOf: () => unused('models'),
      webOf: () => unused('web'),
      scrubber: createScrubber(),
      openAssets: () => unused<DisposableAssets>('assets', { dispose: async () => {} }),
      lists: createStoredLists({
        ...{ assets: unused('assets'), rows: unused('assets'), store: unused('assets'), workDirs: unused('assets') },
      }),
      isUsable: async () => true,
      logger: silentLogger,
      newId,
      random: Math.random,
    },
    {
      concurrency: { io: jobsAtOnce },
      orchestrators: 16,
      lease: defaultLeaseTimes,
      sweeper: defaultSweeperTimes,
      retryPolicy: defaultRetryPolicy,
      maxOutputBytes: 262_144,
      maxHops: 20,
      drainMs: 5_000,
      maxActiveRunsPerUser,
      regions: defaultRegionLimits,
      describe: { hostname: 'bench', pid: process.pid, version: 'bench' },
    },
  );
  if (jobsAtOnce > 0) await runtime.start();

  const starter = createRunStarter({
    pool: server.pool,
    queue,
    turns: createRunTurns({ pool: server.pool, queue, logger: silentLogger, maxActivePerUser: maxActiveRunsPerUser }),
    limits: { maxActive: maxActiveRunsPerUser, maxWaiting: maxActiveRunsPerUser },
    guards: [],
    requireRoom: async () => {},
    addresses: createAddressRules(),
    notices,
    logger: silentLogger,
    catalogue: nodeCatalogue,
    // The largest graphs of the bench.
    graphLimits: { maxNodes: 10_000, maxEdges: 50_000, maxChain: 10_000, maxFanOut: 10_000 },
    nodeTimeoutMs: 600_000,
    runTimeouts: { defaultMs: 3_600_000, mostMs: 3_600_000 },
    newId,
  });
  const workflows = new Map<string, Promise<number>>();
  async function addWorkflow(shape: Shape, owner: string): Promise<number> {
    const { rows } = await server.pool.query<{ id: number }>(
      'insert into workflows (name, data, user_id) values ($1, $2, $3) returning id',
      [shape.name, JSON.stringify(shape.graph), owner],
    );
    return rows[0]!.id;
  }
  async function start(shape: Shape, owner = userId): Promise<string> {
    const name = `${owner} ${shape.name}`;
    let known = workflows.get(name);
    if (known === undefined) workflows.set(name, (known = addWorkflow(shape, owner)));
    return (await starter.start({ userId: owner, triggerType: 'API', workflow: { id: await known } })).id;
  }

  /** Looks at as little as it can: what it costs is not what is measured. */
  async function isFinished(runId: string): Promise<boolean> {
    const text = 'select finished_at is not null as finished from workflow_runs where id = $1';
    const { rows } = await observer.pool.query<{ finished: boolean }>({ name: 'is-finished', text, values: [runId] });
    return rows[0]!.finished;
  }

  async function isAnyUnfinished(): Promise<boolean> {
    // As the two partial indexes have it.
    const text = `select exists (select from workflow_runs where finished_at is null and admitted_at is not null)
                      or exists (select from workflow_runs where finished_at is null and admitted_at is null) as found`;
    return (await observer.pool.query<{ found: boolean }>({ name: 'is-any-unfinished', text })).rows[0]!.found;
  }

  async function runOnce(shape: Shape, owner: string): Promise<void> {
    // Heard from the worker after its commit, as a server hears it; then looked up.
    let heard = () => {};
    let next = new Promise<void>((resolve) => (heard = resolve));
    let runId = '';
    const unsubscribe = notices.subscribe((notice) => {
      if (notice.kind === 'events' && (runId === '' || notice.runId === runId)) heard();
    });
    runId = await start(shape, owner);
    for (;;) {
      const waiting = next;
      if (await isFinished(runId)) break;
      await waiting;
      next = new Promise<void>((resolve) => (heard = resolve));
    }
    unsubscribe();
  }

  return {
    name: redisUrl === null ? 'Heddle on Postgres' : 'Heddle on Redis',
    runOnce: (shape) => runOnce(shape, userId),
    runOnceBeside: (shape) => runOnce(shape, otherId),
    ask: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await observer.pool.query<Row>(text, [...values])).rows,
    runMany: async (shapes) => {
      const since = await clockOf(observer.pool);
      await Promise.all(shapes.map((shape) => start(shape)));
      // 20 ms against the seconds that this takes.
      while (await isAnyUnfinished()) await sleep(20);
      await refuseBadRuns(observer.pool, since);
    },
    statements: () => statements.count,
    stop: async () => {
      if (jobsAtOnce > 0) await runtime.stop();
      await notices.stop();
      await queue.stop();
      await backend.stop();
      await Promise.all([server.stop(), worker.stop(), observer.stop()]);
    },
  };
}

/** Counts what is sent through the pools from now on. */
function countStatements(pools: readonly pg.Pool[]): { readonly count: number } {
  const statements = { count: 0 };
  for (const pool of pools) {
    const query = pool.query.bind(pool) as (...values: unknown[]) => unknown;
    pool.query = ((...values: unknown[]) => {
      statements.count += 1;
      return query(...values);
    }) as typeof pool.query;
  }
  return statements;
}

const silentLogger: Logger & { child(fields: object): Logger } = {
  debug: () => {},
  info: () => {},
  warn: (fields, message) => console.error(message, fields),
  error: (fields, message) => console.error(message, fields),
  child: () => silentLogger,
};

/** Stands where the workloads must not go: any use beyond `known` is an error. */
function unused<Type extends object>(name: string, known: Partial<Type> = {}): Type {
  return new Proxy(known as Type, {
    get: (target, key) => {
      if (Object.hasOwn(target, key)) return target[key as keyof Type];
      throw new Error(`The workloads need no ${name}.`);
    },
  });
}
