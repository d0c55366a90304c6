import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLoopback } from '../config/loopback.ts';
import type { Logger as PinoLogger } from 'pino';
import { TerminalError } from '../core/errors/app-error.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import type { Scrubber } from '../core/scrub.ts';
import { openDatabase } from '../db/client.ts';
import { pendingMigrations } from '../db/migrate.ts';
import { canOwnerSignIn, findOwner } from '../db/users/find.ts';
import { openMedia } from '../boot/open-media.ts';
import { openQueue } from '../boot/open-queue.ts';
import { createRunTurns } from '../engine/runs/run-turns.ts';
import { countRescues, measurePool } from '../boot/metrics.ts';
import { startWhenAnswered, type WaitingStart } from '../boot/start-when-answered.ts';
import { startTracing } from '../boot/start-tracing.ts';
import { createSweeper } from '../engine/duties/sweep/sweeper.ts';
import { defaultSweeperTimes, type SweeperTimes } from '../engine/duties/sweep/sweep-context.ts';
import { createUserModels } from '../boot/user-models.ts';
import { nodeCatalogue } from '../nodes/definitions.ts';
import { createAddressCheck } from '../net/check-address.ts';
import { createGuardedConnection } from '../net/guarded-connection.ts';
import { createSecretBox } from '../providers/secret-box.ts';
import { createNoticeChannel } from '../queue/notice-channel.ts';
import { isQueueKeptOnDisk, requireNoEviction } from '../queue/redis-policy.ts';
import { createRunQueue } from '../queue/run-queue.ts';
import { createAssetRows } from '../db/assets/asset-rows.ts';
import { createApp } from './app.ts';
import { createAuditLog } from './audit/audit-log.ts';
import { bootstrapOwner, createSignInLink } from './auth/bootstrap.ts';
import { createPasswordChecker } from './auth/check-password.ts';
import { openAuth } from './auth/open-auth.ts';
import { createCleaner } from '../engine/duties/clean/cleaner.ts';
import type { ServerConfig } from './config.ts';
import type { ServerDependencies } from './deps.ts';
import { createHttpListener } from './http-listener.ts';
import { createDataMeter } from './data-meter.ts';
import { createDiskWatch } from './disk-watch.ts';
import { createHousekeeper } from '../engine/duties/housekeep/housekeeper.ts';
import { createAccessOfRequests } from './http/access-of-requests.ts';
import { createRateLimits, sharedBuckets } from './http/rate-limits.ts';
import type { AnyRoute } from './http/route.ts';
import { rateTable, socketLimits } from './limits.ts';
import { createRunFeed } from './live/run-feed.ts';
import { startLiveServer } from './live/socket-server.ts';
import { localAddress } from './local-address.ts';
import { cutOffBasePath } from './http/base-path.ts';
import { createMetrics } from './metrics.ts';
import { openRunStarter } from './runs/open-run-starter.ts';
import { seedWorkflows } from './seed-workflows.ts';

export interface StartOptions {
  readonly config: ServerConfig;
  readonly logger: PinoLogger;
  /** Takes secrets out of what is written down. */
  readonly scrubber: Scrubber;
  readonly version: string;
  readonly newId: () => string;
  /** What graphs may hold. Default: every node type of this build. */
  readonly catalogue?: NodeCatalogue;
  /** Default: `defaultSweeperTimes` with the configured lease. */
  readonly sweeperTimes?: SweeperTimes;
  /** How often open live connections and long requests have to prove themselves again. Default: 30,000 ms. */
  readonly socketRecheckMs?: number;
  /** Milliseconds between two looks for live events whose notice was lost. Default: see `socketLimits`. */
  readonly livePollMs?: number | undefined;
  /** How long the start waits for Postgres. */
  readonly waiting?: Omit<WaitingStart, 'logger'>;
}

export interface RunningServer {
  /** How browsers reach it. */
  readonly url: string;
  /** How programs on this machine reach it, without a proxy. */
  readonly localUrl: string;
  /** A one-time link for the owner, where everything runs on this machine or no owner could sign in yet. */
  readonly signInUrl: string | null;
  /** Every API route, for whoever checks all of them. */
  readonly routes: readonly AnyRoute[];
  /** Tells load balancers to look elsewhere, closes sockets, ends requests, then lets go of queue and database. */
  stop(): Promise<void>;
}

/** A notice channel that is not there by then is left to connect on its own. */
const noticeStartMs = 3_000;

/**
 * Starts a server by its configuration; waits for a Postgres that is starting or away for a moment. Throws with one plain
 * line where it must not or cannot start.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { config, logger, version, newId } = options;
  // What was opened is closed in the opposite order, also when a later step fails.
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of opened.splice(0).toReversed()) {
      await close().catch((error: unknown) => logger.warn({ err: error }, 'a part did not stop cleanly'));
    }
  };
  return startWhenAnswered(
    () =>
      open().catch(async (error: unknown) => {
        await closeAll();
        throw error;
      }),
    { logger, ...options.waiting },
  );

  async function open(): Promise<RunningServer> {
    const tracing = await startTracing({ endpoint: config.tracesEndpoint, service: 'heddle-server', version });
    opened.push(() => tracing.stop());
    const onError = (error: Error) => logger.warn({ err: error }, 'a connection was lost');
    const database = openDatabase(config.databaseUrl, {
      poolSize: config.databasePoolSize,
      applicationName: 'heddle-server',
      takesTurns: true,
      onError,
    });
    opened.push(() => database.stop());
    const { db, pool } = database;
    await requireMigrations();
    // With an identity provider an owner is somebody there: nobody comes by a link.
    const makesOwner = config.clerk === null && (config.embedded || isLoopback(config.host));
    const isFirstStart = (await findOwner(db)) === null;
    const owner = await bootstrapOwner(db, { ...config.bootstrap, makesOwner }, newId);
    const canSignIn = await canOwnerSignIn(db);
    requireSignIn();

    const backend = await openQueue(config, onError);
    opened.push(() => backend.stop());
    const queue = createRunQueue(backend);
    opened.push(() => queue.stop());
    await requireNoEviction(backend).catch((error: unknown) => {
      if (error instanceof TerminalError) throw error;
      logger.warn({ err: error }, 'the queue does not answer yet; runs are taken and wait for it');
    });
    if (!(await isQueueKeptOnDisk(backend).catch(() => true))) {
      logger.warn(
        {},
        'Redis has no append-only file: after a restart of Redis runs wait until the queue is filled again',
      );
    }
    const notices = createNoticeChannel(backend, onError);
    opened.push(() => notices.stop());
    // Redis may be away: runs are taken all the same, and live events come by polling until it is back.
    await Promise.race([notices.start().catch(onError), sleep(noticeStartMs, undefined, { ref: false })]);

    const audit = createAuditLog({ db, newId, logger });
    let port = config.port;
    const media = await openMedia(config, { db, newId, version, logger });
    opened.push(() => media.stop());
    const { assets, workDirs, models, network } = media;
    if (isFirstStart && config.embedded && owner !== null) {
      await seedWorkflows({ db, assets, models, samplesDir: config.samplesDir, logger }, owner.id);
    }
    const secretBox =
      config.secretsKey === null ? null : createSecretBox(config.secretsKey.present, config.secretsKey.old);
    const modelsOf = createUserModels({
      pool,
      box: secretBox,
      providers: media.providers,
      toolsOf: media.modelsOver,
      fetch: createGuardedConnection(network.rules, network.resolve),
      waits: config.limits.models,
      scrubber: options.scrubber,
      logger,
      now: Date.now,
    });
    const passwords = createPasswordChecker();
    opened.push(() => passwords.stop());
    const rates = rateTable(config);
    const turns = createRunTurns({ pool, queue, logger, maxActivePerUser: config.limits.maxActiveRunsPerUser });
    opened.push(() => turns.idle());
    const disk = createDiskWatch({ folder: config.dataDir, minFreeBytes: config.limits.minFreeDiskBytes, logger });
    await disk.start();
    opened.push(async () => disk.stop());
    const auth = await openAuth({
      config,
      db,
      newId,
      audit,
      ownOrigins: () => ['localhost', '127.0.0.1', '[::1]'].map((name) => `http://${name}:${port}`),
    });
    const parts: Omit<ServerDependencies, 'starter'> = {
      disk,
      db,
      pool,
      queue,
      turns,
      notices,
      assets,
      workDirs,
      models,
      modelsOf,
      secretBox,
      addresses: network.rules,
      checkAddress: createAddressCheck(network.rules, network.resolve),
      auth: auth.provider,
      audit,
      passwords,
      catalogue: options.catalogue ?? nodeCatalogue,
      logger,
      limits: { ...config.limits, rates, runQueue: config.runQueue },
      rates: createRateLimits({
        table: rates,
        takeTokens: sharedBuckets(backend, pool),
        now: () => performance.now(),
        logger,
      }),
      newId,
      now: () => new Date(),
      settings: {
        version,
        embedded: config.embedded,
        publicUrl: config.publicUrl,
        basePath: config.basePath,
        allowedOrigins: config.allowedOrigins,
        trustedProxies: config.trustedProxies,
        webDir: config.webDir,
        nodeTimeoutMs: config.nodeTimeoutMs,
        runTimeoutMs: config.runTimeoutMs,
        leaseMs: config.leaseMs,
      },
    };
    const deps: ServerDependencies = { ...parts, starter: openRunStarter(parts) };
    const housekeeper = createHousekeeper({ db, pool, logger });
    housekeeper.start();
    opened.push(() => housekeeper.stop());
    const cleaner = createCleaner({
      pool,
      store: media.store,
      rows: createAssetRows(db),
      retention: config.retention,
      logger,
    });
    cleaner.start();
    opened.push(() => cleaner.stop());

    const meter = createDataMeter({ pool, quota: config.limits.data, logger, now: Date.now });
    meter.start();
    opened.push(() => meter.stop());

    const metrics = createMetrics({ db, pool, queue });
    measurePool(metrics.registry, pool);
    const times = options.sweeperTimes ?? { ...defaultSweeperTimes, leaseMs: config.leaseMs };
    const sweeper = createSweeper({
      pool,
      queue,
      notices,
      logger,
      times,
      maxActiveRunsPerUser: config.limits.maxActiveRunsPerUser,
      onRescue: countRescues(metrics.registry),
    });
    sweeper.start();
    opened.push(() => sweeper.stop());

    const recheckMs = options.socketRecheckMs ?? socketLimits.recheckIntervalMs;
    const access = createAccessOfRequests({
      auth: deps.auth,
      notices,
      logger,
      intervalMs: recheckMs,
      now: () => performance.now(),
    });
    opened.push(async () => access.stop());
    let isDraining = false;
    const { app, routes } = createApp({
      ...deps,
      authRoutes: auth.routes,
      requestLogger: logger,
      metrics,
      access,
      isDraining: () => isDraining,
    });
    const listener = createHttpListener(app, { isBehindProxy: config.trustedProxies > 0 });
    opened.push(() => listener.stop(config.drainMs));
    const feed = createRunFeed({
      db,
      notices,
      logger,
      pollIntervalMs: options.livePollMs ?? socketLimits.pollIntervalMs,
      now: () => new Date(),
    });
    feed.start();
    opened.push(() => feed.stop());
    const live = startLiveServer({
      http: listener.server,
      db,
      feed,
      auth: deps.auth,
      notices,
      allowedOrigins: config.allowedOrigins,
      trustedProxies: config.trustedProxies,
      rates: deps.rates,
      metrics,
      logger,
      recheckIntervalMs: recheckMs,
    });
    opened.push(() => live.stop());
    cutOffBasePath(listener.server, config);

    port = await listener.listen(config.port, config.host);
    const localUrl = localAddress(config.host, port);
    const url = config.publicUrl ?? localUrl;
    const needsLink = config.clerk === null && (config.embedded || !canSignIn);
    const signInUrl = needsLink && owner !== null ? await createSignInLink(db, owner.id, url) : null;
    logger.info({ url, queue: backend.location.kind }, 'server is ready');
    return {
      url,
      localUrl,
      signInUrl,
      routes,
      stop: () => {
        isDraining = true;
        return closeAll();
      },
    };

    async function requireMigrations(): Promise<void> {
      const pending = await pendingMigrations(db);
      if (pending.length === 0) return;
      throw new TerminalError(
        'SERVICE_UNAVAILABLE',
        `The database lacks ${pending.length} migration(s), the first is ${pending[0]}. Run "heddle migrate" and start again.`,
      );
    }

    function requireSignIn(): void {
      if (config.clerk !== null || isLoopback(config.host) || canSignIn) return;
      throw new TerminalError(
        'AUTH_REQUIRED',
        `HOST is ${config.host}, which others can reach, and nobody could sign in. Set BOOTSTRAP_EMAIL and BOOTSTRAP_PASSWORD (or BOOTSTRAP_API_KEY), or HOST=127.0.0.1.`,
      );
    }
  }
}
