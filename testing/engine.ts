import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '@jest/globals';
import type pg from 'pg';
import { v7 as newId } from 'uuid';
import type { Graph } from '../core/graph/graph.ts';
import { catalogueOf, type AnyNodeDefinition } from '../core/node-type/definition.ts';
import type { Logger, NodeExecutor } from '../core/node-type/executor.ts';
import { createStoredLists, type StoredLists } from '../assets/stored-lists.ts';
import { createAddressRules } from '../net/address-rules.ts';
import { defaultRegionLimits } from '../core/limits.ts';
import { createScrubber } from '../core/scrub.ts';
import type { Notice } from '../core/events/notice.ts';
import { defaultRetryPolicy, type RetryPolicy } from '../core/run/retry.ts';
import type { NodeExecutionStatus, RunStatus } from '../core/run/status.ts';
import { defaultSweeperTimes, type SweeperTimes } from '../engine/duties/sweep/sweep-context.ts';
import { nodeDefinitions } from '../nodes/definitions.ts';
import { approveExecutor } from '../nodes/flow/approve/executor.ts';
import { callWorkflowExecutor } from '../nodes/flow/call-workflow/executor.ts';
import { chooseExecutor } from '../nodes/flow/choose/executor.ts';
import { delayExecutor } from '../nodes/flow/delay/executor.ts';
import { jsonExecutor } from '../nodes/input/json/executor.ts';
import { textExecutor } from '../nodes/input/text/executor.ts';
import { openQueueBackend, type QueueBackend } from '../queue/backend.ts';
import type { NoticeChannel } from '../queue/notice-channel.ts';
import { createRunTurns, type RunTurns } from '../engine/runs/run-turns.ts';
import { createRunQueue, type RunQueue } from '../queue/run-queue.ts';
import { createRunStarter, type RunStarter, type RunStarterDependencies } from '../engine/runs/run-starter.ts';
import type { StartRunRequest } from '../engine/runs/start-run.ts';
import type { DisposableAssets } from '../worker/attempt-dependencies.ts';
import {
  createWorkerRuntime,
  type WorkerDependencies,
  type WorkerOptions,
  type WorkerRuntime,
} from '../worker/runtime.ts';
import { defaultLeaseTimes } from '../worker/session.ts';
import { eventually } from './eventually.ts';
import { createTestDatabase, openTestPool } from './postgres.ts';
import { describeOnRedis } from './describe-on-redis.ts';
import { createTestRedis } from './redis.ts';

export type QueueKind = 'redis' | 'postgres';

/** Runs the tests on both homes of the queue; on Redis they are skipped, loudly, where there is none. */
export function describeOnBothQueues(title: string, tests: (kind: QueueKind) => void): void {
  describeOnRedis(`${title} (queue on Redis)`, () => tests('redis'));
  describe(`${title} (queue on Postgres)`, () => tests('postgres'));
}

/** A log that keeps what it is told. */
export function recordingLogger(): Logger & { child(fields: object): Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const logger = {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
}

export interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

export interface EngineOptions {
  readonly definitions?: readonly AnyNodeDefinition[];
  readonly executors?: readonly NodeExecutor[];
  /** What workers get in place of tools that are not there, and who hears of the points they pass. */
  readonly worker?: Partial<Pick<WorkerDependencies, 'mediaOf' | 'modelsOf' | 'webOf' | 'openAssets' | 'lists' | 'at'>>;
  /** What stands between workers and the database. */
  readonly poolOf?: (pool: pg.Pool) => pg.Pool;
  /** Default: so many that nothing waits. */
  readonly maxActiveRunsPerUser?: number;
}

/** A database, a queue and what a server would do with them; workers are started by the test. */
export interface TestEngine {
  readonly pool: pg.Pool;
  readonly queue: RunQueue;
  readonly backend: QueueBackend;
  readonly notices: NoticeChannel;
  readonly heard: Notice[];
  readonly turns: RunTurns;
  readonly maxActiveRunsPerUser: number;
  readonly starter: RunStarter;
  /** What `starter` is made of, for tests that make one of their own. */
  readonly starterDependencies: RunStarterDependencies;
  /** A worker in this process, stopped with the engine. */
  startWorker(
    options?: Partial<WorkerOptions>,
  ): Promise<WorkerRuntime & { readonly logger: ReturnType<typeof recordingLogger> }>;
  createWorkflow(graph: Graph): Promise<{ id: number; data: Graph }>;
  start(graph: Graph, request?: Partial<StartRunRequest>): Promise<string>;
  run(runId: string): Promise<RunRow>;
  nodes(runId: string): Promise<Record<string, NodeRow>>;
  events(runId: string): Promise<EventRow[]>;
  finished(runId: string, timeoutMs?: number): Promise<RunRow>;
  stop(): Promise<void>;
}

export interface RunRow {
  readonly status: RunStatus;
  readonly error: string | null;
  readonly unfinished_nodes: number;
  readonly last_seq: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

export interface NodeRow {
  readonly id: string;
  readonly node_id: string;
  readonly status: NodeExecutionStatus;
  readonly attempt: number;
  readonly crash_count: number;
  readonly cached: boolean;
  readonly worker_id: string | null;
  readonly input_data: Record<string, unknown> | null;
  readonly output_data: Record<string, unknown> | null;
  readonly error: string | null;
  readonly error_code: string | null;
  readonly available_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly duration: number | null;
}

export interface EventRow {
  readonly seq: number;
  readonly type: string;
  readonly node_execution_id: string | null;
  readonly payload: Record<string, unknown>;
}

/** A sweeper that comes round quickly, with the ordinary lease. */
export const quickSweeper: SweeperTimes = {
  ...defaultSweeperTimes,
  intervalMs: 100,
  overdueMs: 400,
  thoroughMs: 200,
  timeoutGraceMs: 300,
};

/** Leases that run out within a test. Every worker of the test has to use them: one with the ordinary heartbeat would be expired. */
export const shortLease = {
  lease: { heartbeatMs: 200, leaseMs: 1_000 },
  sweeper: { ...quickSweeper, leaseMs: 1_000 },
} satisfies Partial<WorkerOptions>;
export const quickRetry: RetryPolicy = { ...defaultRetryPolicy, baseDelayMs: 20, maxDelayMs: 50 };

export async function createTestEngine(kind: QueueKind, options: EngineOptions = {}): Promise<TestEngine> {
  const database = await createTestDatabase();
  const pool = openTestPool(database.url, 10);
  const redis = kind === 'redis' ? createTestRedis() : null;
  const onError = () => {};
  const open = () =>
    openQueueBackend(
      redis === null
        ? { kind: 'postgres', url: database.url }
        : { kind: 'redis', url: redis.url, prefix: redis.prefix },
      onError,
    );
  const backend = open();
  const queue = createRunQueue(backend);
  const notices = backend.openNotices(onError);
  await notices.start();
  const heard: Notice[] = [];
  notices.subscribe((notice) => void heard.push(notice));
  await pool.query(`insert into users (id, email) values ('user-1', 'user-1@example.org')`);

  const catalogue = catalogueOf([...nodeDefinitions, ...(options.definitions ?? [])]);
  const executors = [
    textExecutor,
    jsonExecutor,
    delayExecutor,
    approveExecutor,
    chooseExecutor,
    callWorkflowExecutor,
    ...(options.executors ?? []),
  ];
  const workers: WorkerRuntime[] = [];
  const { maxActiveRunsPerUser = 100_000 } = options;
  const turns = createRunTurns({ pool, queue, logger: recordingLogger(), maxActivePerUser: maxActiveRunsPerUser });
  const starterDependencies: RunStarterDependencies = {
    pool,
    queue,
    turns,
    limits: { maxActive: maxActiveRunsPerUser, maxWaiting: 100_000 },
    guards: [],
    requireRoom: async () => {},
    addresses: createAddressRules(),
    notices,
    logger: recordingLogger(),
    catalogue,
    graphLimits: { maxNodes: 10_000, maxEdges: 50_000, maxChain: 10_000, maxFanOut: 10_000 },
    nodeTimeoutMs: 60_000,
    runTimeouts: { defaultMs: 600_000, mostMs: 600_000 },
    newId,
  };

  const row = async <Row>(text: string, values: unknown[]) => (await pool.query(text, values)).rows[0] as Row;
  const engine: TestEngine = {
    pool,
    queue,
    backend,
    notices,
    heard,
    turns,
    maxActiveRunsPerUser,
    starter: createRunStarter(starterDependencies),
    starterDependencies,
    startWorker: async (overrides = {}) => {
      const logger = recordingLogger();
      const worker = createWorkerRuntime(
        {
          pool: options.poolOf?.(pool) ?? pool,
          backend,
          queue,
          notices,
          catalogue,
          executors,
          mediaOf: () => unavailable('media'),
          modelsOf: () => unavailable('models'),
          webOf: () => unavailable('web'),
          scrubber: createScrubber(),
          openAssets: () => unavailable<DisposableAssets>('assets', { dispose: async () => {} }),
          lists: noLists,
          isUsable: async () => true,
          logger,
          newId,
          random: Math.random,
          ...options.worker,
        },
        {
          concurrency: { io: 64, cpu: 4 },
          orchestrators: 8,
          lease: defaultLeaseTimes,
          sweeper: quickSweeper,
          retryPolicy: quickRetry,
          maxOutputBytes: 262_144,
          maxHops: 20,
          drainMs: 5_000,
          maxActiveRunsPerUser,
          regions: defaultRegionLimits,
          describe: { hostname: 'test', pid: process.pid, version: 'test' },
          ...overrides,
        },
      );
      await worker.start();
      workers.push(worker);
      return Object.assign(worker, { logger });
    },
    createWorkflow: async (graph) => {
      const workflow = await row<{ id: number }>(
        `insert into workflows (name, data, user_id) values ('test', $1, 'user-1') returning id`,
        [JSON.stringify(graph)],
      );
      return { id: workflow.id, data: graph };
    },
    start: async (graph, request = {}) => {
      const workflow = request.workflow ?? (await engine.createWorkflow(graph));
      return (await engine.starter.start({ userId: 'user-1', triggerType: 'API', ...request, workflow })).id;
    },
    run: (runId) => row<RunRow>(`select * from workflow_runs where id = $1`, [runId]),
    nodes: async (runId) => {
      const { rows } = await pool.query<NodeRow>(`select * from node_executions where run_id = $1`, [runId]);
      return Object.fromEntries(rows.map((node) => [node.node_id, node]));
    },
    events: async (runId) =>
      (await pool.query<EventRow>(`select * from run_events where run_id = $1 order by seq`, [runId])).rows,
    finished: async (runId, timeoutMs) => {
      await eventually(
        async () => {
          const { finished_at: finishedAt } = await engine.run(runId);
          if (finishedAt === null) throw new Error(`run ${runId} is not finished`);
        },
        // Each look costs the database as much as a step of a small run.
        { timeoutMs, intervalMs: 50 },
      );
      return engine.run(runId);
    },
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await notices.stop();
      await queue.stop();
      await backend.stop();
      await pool.end();
      // Connections that were just closed may take a moment to go.
      await sleep(10);
      await database.drop();
    },
  };
  return engine;
}

/** Of tests whose lists fit rows: whatever else is put out is refused as it would be. */
const noLists: StoredLists = createStoredLists({
  assets: unavailable('files'),
  rows: unavailable('files'),
  store: unavailable('files'),
  workDirs: unavailable('files'),
});

/** Stands where a test must not go: any use beyond `known` is an error that says so. */
export function unavailable<Type extends object>(name: string, known: Partial<Type> = {}): Type {
  return new Proxy(known as Type, {
    get: (target, key) => {
      if (Object.hasOwn(target, key)) return target[key as keyof Type];
      throw new Error(`This test has no ${name} (asked for ${String(key)}).`);
    },
  });
}
