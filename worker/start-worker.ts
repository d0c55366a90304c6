import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../config/environment.ts';
import type { Logger as PinoLogger } from 'pino';
import { createAttemptAssets } from '../assets/attempt-assets.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import type { NodeExecutor } from '../core/node-type/executor.ts';
import { defaultRetryPolicy } from '../core/run/retry.ts';
import type { Scrubber } from '../core/scrub.ts';
import { maxNodeOutputBytes } from '../core/limits.ts';
import { openDatabase } from '../db/client.ts';
import { pendingMigrations } from '../db/migrate.ts';
import { openMedia } from '../boot/open-media.ts';
import { openQueue } from '../boot/open-queue.ts';
import { countRescues, measurePool } from '../boot/metrics.ts';
import { startWhenAnswered } from '../boot/start-when-answered.ts';
import { startTracing } from '../boot/start-tracing.ts';
import { defaultSweeperTimes } from '../engine/duties/sweep/sweep-context.ts';
import { createUserModels, resealProviderKeys } from '../boot/user-models.ts';
import { nodeCatalogue } from '../nodes/definitions.ts';
import { nodeExecutors } from '../nodes/executors.ts';
import { createGuardedConnection } from '../net/guarded-connection.ts';
import { createSecretBox } from '../providers/secret-box.ts';
import { createNoticeChannel } from '../queue/notice-channel.ts';
import { requireNoEviction } from '../queue/redis-policy.ts';
import { createRunQueue } from '../queue/run-queue.ts';
import type { WorkerConfig } from './config.ts';
import { createWorkerMetrics } from './metrics.ts';
import { openOperatorPort } from './operator-port.ts';
import { createOutputCheck } from './output-check.ts';
import { forkOwnProgram, type LoneOrder } from './lone-attempts.ts';
import { createWorkerRuntime, type WorkerRuntime } from './runtime.ts';
import type { WorkPointListener } from './work-points.ts';

export interface StartOptions {
  readonly config: WorkerConfig;
  readonly logger: PinoLogger;
  /** Takes secrets out of what is written down. */
  readonly scrubber: Scrubber;
  readonly version: string;
  readonly newId: () => string;
  /** What the worker can do. Default: every node type of this build. */
  readonly nodes?: { readonly catalogue: NodeCatalogue; readonly executors: readonly NodeExecutor[] };
  readonly at?: WorkPointListener;
  /** Of the program, for processes that run one attempt each. Without it every attempt runs in this process. */
  readonly environment?: Environment;
}

/** One orchestrator job is a statement and a bulk add; 16 keep both busy. */
const orchestrators = 16;
/** A notice channel that is not there by then is left to connect on its own. */
const noticeStartMs = 3_000;

/**
 * Starts a worker by its configuration; waits for a Postgres that is starting or away for a moment. Throws with one plain
 * line where it must not or cannot start.
 */
export function startWorker(options: StartOptions): Promise<{ stop(): Promise<void> }> {
  return startWhenAnswered(() => openWorker(options, undefined, (runtime) => runtime.start()), options);
}

/** Connections to Postgres of a process with one attempt: one for its heartbeat, one for what it records. */
const lonePoolSize = 2;

/** What one process does for one attempt, see lone-attempts.ts. */
export async function executeLoneAttempt(
  options: StartOptions,
  order: Extract<LoneOrder, { kind: 'execute' }>,
  told: { readonly onTakenOver: () => Promise<void>; readonly onStop: (stop: () => void) => void },
): Promise<void> {
  const config: WorkerConfig = { ...options.config, databasePoolSize: 3, metrics: null, drainMs: 0 };
  const { stop } = await openWorker({ ...options, config }, order.parentId, async (runtime) => {
    told.onStop(() => runtime.handBackAll());
    await runtime.executeAlone(order.claim, order.parentId, told.onTakenOver);
  });
  await stop();
}

async function openWorker(
  {
    config,
    logger,
    scrubber,
    version,
    newId,
    nodes = { catalogue: nodeCatalogue, executors: nodeExecutors },
    at,
    environment,
  }: StartOptions,
  parentId: string | undefined,
  begin: (runtime: WorkerRuntime) => Promise<void>,
): Promise<{ stop(): Promise<void> }> {
  // What was opened is closed in the opposite order, also when a later step fails.
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of opened.splice(0).toReversed()) {
      await close().catch((error: unknown) => logger.warn({ err: error }, 'a part did not stop cleanly'));
    }
  };
  try {
    const tracing = await startTracing({ endpoint: config.tracesEndpoint, service: 'heddle-worker', version });
    opened.push(() => tracing.stop());
    const onError = (error: Error) => logger.warn({ err: error }, 'a connection was lost');
    const { db, pool, stop } = openDatabase(config.databaseUrl, {
      poolSize: parentId === undefined ? config.databasePoolSize : lonePoolSize,
      applicationName: 'heddle-worker',
      plansOnce: true,
      onError,
    });
    opened.push(stop);
    const pending = await pendingMigrations(db);
    if (pending.length > 0) {
      throw new TerminalError(
        'SERVICE_UNAVAILABLE',
        `The database lacks ${pending.length} migration(s), the first is ${pending[0]}. Run "heddle migrate" and start again.`,
      );
    }
    const backend = await openQueue(config, onError);
    opened.push(() => backend.stop());
    const queue = createRunQueue(backend);
    opened.push(() => queue.stop());
    await requireNoEviction(backend).catch((error: unknown) => {
      if (error instanceof TerminalError) throw error;
      logger.warn({ err: error }, 'the queue does not answer yet; work begins when it does');
    });
    const notices = createNoticeChannel(backend, onError);
    opened.push(() => notices.stop());
    await Promise.race([notices.start().catch(onError), sleep(noticeStartMs, undefined, { ref: false })]);
    const files = await openMedia(config, { db, newId, version, logger });
    opened.push(() => files.stop());

    const box = config.secretsKey === null ? null : createSecretBox(config.secretsKey.present, config.secretsKey.old);
    if (box !== null) {
      const count = await resealProviderKeys(pool, box);
      if (count > 0) logger.info({ count }, 'provider keys are sealed with the new key now');
    }
    const modelsOf = createUserModels({
      pool,
      box,
      providers: files.providers,
      toolsOf: files.modelsOver,
      fetch: createGuardedConnection(files.network.rules, files.network.resolve),
      waits: config.limits.models,
      scrubber,
      logger,
      now: Date.now,
    });

    const metrics = createWorkerMetrics();
    measurePool(metrics.registry, pool);
    const isObserved = config.metrics !== null || config.tracesEndpoint !== null;
    const isAlone = parentId !== undefined;
    const runtime = createWorkerRuntime(
      {
        fork: isAlone || environment === undefined ? undefined : () => forkOwnProgram(environment),
        pool,
        backend,
        queue,
        notices,
        ...nodes,
        mediaOf: files.media.of,
        modelsOf,
        scrubber,
        openAssets: ({ userId }) => createAttemptAssets({ service: files.assets, workDirs: files.workDirs, userId }),
        isUsable: createOutputCheck(files),
        logger,
        newId,
        random: Math.random,
        at,
        observer: isObserved ? metrics.observer : undefined,
        onRescue: countRescues(metrics.registry),
      },
      {
        concurrency: isAlone ? {} : config.concurrency,
        orchestrators,
        // Three heartbeats may be lost.
        lease: { heartbeatMs: config.leaseMs / 4, leaseMs: config.leaseMs },
        sweeper: { ...defaultSweeperTimes, leaseMs: config.leaseMs },
        retryPolicy: defaultRetryPolicy,
        maxOutputBytes: maxNodeOutputBytes,
        maxHops: config.maxHops,
        drainMs: config.drainMs,
        maxActiveRunsPerUser: config.limits.maxActiveRunsPerUser,
        describe: { hostname: hostname(), pid: process.pid, version, parentId },
      },
    );
    metrics.countActive(runtime.activeAttempts);
    // Last opened but for the port, which still tells that the worker drains.
    const stopRuntime = () => runtime.stop();
    await begin(runtime).catch(async (error: unknown) => {
      await stopRuntime();
      throw error;
    });
    if (config.metrics !== null) {
      const port = await openOperatorPort({
        ...config.metrics,
        registry: metrics.registry,
        probes: { postgres: () => pool.query('select 1'), queue: () => queue.ping() },
        isDraining: () => runtime.isDraining(),
      });
      opened.push(() => port.stop());
    }
    opened.push(stopRuntime);
    if (!isAlone) logger.info({ queue: backend.location.kind, concurrency: config.concurrency }, 'worker is ready');
    return { stop: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
