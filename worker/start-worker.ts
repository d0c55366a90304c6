import { hostname } from 'node:os';
import type { Environment } from '../config/environment.ts';
import type { Logger as PinoLogger } from 'pino';
import { createAttemptAssets } from '../assets/attempt-assets.ts';
import { openInstallation } from '../boot/open-installation.ts';
import { createOpenedParts } from '../boot/opened-parts.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import type { NodeExecutor } from '../core/node-type/executor.ts';
import { defaultRetryPolicy } from '../core/run/retry.ts';
import type { Scrubber } from '../core/scrub.ts';
import { maxNodeOutputBytes } from '../core/limits.ts';
import { countRescues, measurePool } from '../boot/metrics.ts';
import { startWhenAnswered } from '../boot/start-when-answered.ts';
import { defaultSweeperTimes } from '../engine/duties/sweep/sweep-context.ts';
import { resealHookSecrets } from '../boot/reseal-hook-secrets.ts';
import { resealProviderKeys } from '../boot/user-models.ts';
import { resealSecrets } from '../boot/user-web.ts';
import { nodeCatalogue } from '../nodes/definitions.ts';
import { nodeExecutors } from '../nodes/executors.ts';
import type { WorkerConfig } from './config.ts';
import { createWorkerMetrics } from './metrics.ts';
import { openOperatorPort } from './operator-port.ts';
import { createOutputCheck } from './output-check.ts';
import { forkOwnProgram, type LoneOrder } from './lone-attempts.ts';
import { createWorkerRuntime, type WorkerRuntime } from './runtime.ts';
import type { WorkPointListener } from './work-points.ts';

/** What the program hands to the worker. */
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
  const parts = createOpenedParts(logger);
  try {
    const installation = await openInstallation({
      config,
      program: 'heddle-worker',
      version,
      newId,
      logger,
      scrubber,
      database: { poolSize: parentId === undefined ? config.databasePoolSize : lonePoolSize, plansOnce: true },
      parts,
      prepare: async () => {},
    });
    const { pool, backend, queue, notices, media: files, secretBox, modelsOf, webOf } = installation;
    if (secretBox !== null) {
      const resealing = [resealProviderKeys, resealSecrets, resealHookSecrets];
      const counts = await Promise.all(resealing.map((reseal) => reseal(pool, secretBox)));
      const count = counts.reduce((sum, some) => sum + some, 0);
      if (count > 0) logger.info({ count }, 'keys and secrets of users are sealed with the new key now');
    }

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
        webOf,
        saveFolders: config.saveFolders,
        scrubber,
        openAssets: ({ userId }) => createAttemptAssets({ service: files.assets, workDirs: files.workDirs, userId }),
        lists: files.lists,
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
        regions: config.limits.regions,
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
      parts.add(() => port.stop());
    }
    parts.add(stopRuntime);
    if (!isAlone) logger.info({ queue: backend.location.kind, concurrency: config.concurrency }, 'worker is ready');
    return { stop: () => parts.closeAll() };
  } catch (error) {
    await parts.closeAll();
    throw error;
  }
}
