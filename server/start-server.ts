import { performance } from 'node:perf_hooks';
import { isLoopback } from '../config/loopback.ts';
import type { Logger as PinoLogger } from 'pino';
import type { Db } from '../db/client.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import { openInstallation } from '../boot/open-installation.ts';
import { createOpenedParts } from '../boot/opened-parts.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import type { Scrubber } from '../core/scrub.ts';
import { findWait } from '../db/waits/find.ts';
import { canOwnerSignIn, findOwner } from '../db/users/find.ts';
import { createRunTurns } from '../engine/runs/run-turns.ts';
import { countRescues, measurePool } from '../boot/metrics.ts';
import { startWhenAnswered, type WaitingStart } from '../boot/start-when-answered.ts';
import { createSweeper } from '../engine/duties/sweep/sweeper.ts';
import { defaultSweeperTimes, type SweeperTimes } from '../engine/duties/sweep/sweep-context.ts';
import { nodeCatalogue } from '../nodes/definitions.ts';
import { createGuardedConnection } from '../net/guarded-connection.ts';
import { userAgentOf } from '../net/guarded-fetch.ts';
import { newFilesSettingsSchema } from '../core/api/triggers.ts';
import { inputsOfFile } from './routes/triggers/new-files.ts';
import { openWatchFolders } from './runs/watch-folders.ts';
import { createInputsAfter } from './routes/triggers/after-workflow.ts';
import { createAnswerLinks } from './routes/waits/answer-links.ts';
import { openCallbackSecrets } from './routes/hooks/secrets.ts';
import { describeRun, describeWait } from './runs/describe-run.ts';
import { createAddressCheck } from '../net/check-address.ts';
import { createAssetRows } from '../db/assets/asset-rows.ts';
import { createApp } from './app.ts';
import { createAuditLog } from './audit/audit-log.ts';
import { announceAccess, announceEnd } from './auth/announce-access.ts';
import { bootstrapOwner, createSignInLink } from './auth/bootstrap.ts';
import { createPasswordChecker } from './auth/check-password.ts';
import type { PasswordCost } from './auth/password.ts';
import { openAuth } from './open-auth.ts';
import { createKnownCredentials, type KnownCredentials } from './auth/known-credentials.ts';
import { createCleaner } from '../engine/duties/clean/cleaner.ts';
import { createWatcher } from '../engine/duties/watch/watcher.ts';
import { createFeeder } from '../engine/duties/feed/feeder.ts';
import { createFirer } from '../engine/duties/fire/firer.ts';
import { createTeller } from '../engine/duties/tell/teller.ts';
import { createMeter } from '../engine/duties/measure/meter.ts';
import type { ServerConfig } from './config.ts';
import type { ServerDependencies } from './routes/deps.ts';
import { createHttpListener } from './http-listener.ts';
import { createDiskWatch } from './limits/disk-watch.ts';
import { createHousekeeper } from '../engine/duties/housekeep/housekeeper.ts';
import { createOnce } from './http/idempotency.ts';
import { createTransferTurns } from './http/transfer-turns.ts';
import { createAccessOfRequests } from './http/access-of-requests.ts';
import { createRateLimits, sharedBuckets } from './limits/rate-limits.ts';
import type { AnyRoute } from './http/route.ts';
import { rateTable, socketLimits } from './limits/limits.ts';
import { createPartFeed } from './live/part-feed.ts';
import { createRunFeed } from './live/run-feed.ts';
import { createRunStreams } from './runs/run-streams.ts';
import { createRunDetails } from './runs/run-detail.ts';
import { startLiveServer } from './live/socket-server.ts';
import { localAddress } from './local-address.ts';
import { cutOffBasePath } from './request/base-path.ts';
import { createMetrics } from './metrics.ts';
import { createWaitEnds } from '../engine/waits/wait-ends.ts';
import { openRunStarter } from './open-run-starter.ts';
import { seedWorkflows } from './seed-workflows.ts';

/** Everything a server gets from outside; tests shorten its times. */
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
  /** Whether it does what is due beside requests: schedules, batches, callbacks, cleaning. Default true. */
  readonly doesDuties?: boolean;
  /** What it costs to hash a new password. Default: what is fit for use. */
  readonly passwordCost?: PasswordCost;
  /** How long the start waits for Postgres. */
  readonly waiting?: Omit<WaitingStart, 'logger'>;
}

/** A server that takes requests, until it is stopped. */
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

/**
 * Starts a server by its configuration; waits for a Postgres that is starting or away for a moment. Throws with one plain
 * line where it must not or cannot start.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { config, logger, version, newId } = options;
  const parts = createOpenedParts(logger);
  return startWhenAnswered(
    () =>
      open().catch(async (error: unknown) => {
        await parts.closeAll();
        throw error;
      }),
    { logger, ...options.waiting },
  );

  async function open(): Promise<RunningServer> {
    const installation = await openInstallation({
      config,
      program: 'heddle-server',
      version,
      newId,
      logger,
      scrubber: options.scrubber,
      database: { poolSize: config.databasePoolSize, takesTurns: true },
      parts,
      prepare: prepareOwner,
    });
    const { db, pool, backend, queue, notices, media, secretBox, modelsOf, prepared } = installation;
    const { isFirstStart, owner, canSignIn } = prepared;
    if (!(await backend.storage.isKeptOnDisk().catch(() => true))) {
      logger.warn(
        {},
        'Redis has no append-only file: after a restart of Redis runs wait until the queue is filled again',
      );
    }
    const audit = createAuditLog({ db, newId, logger });
    let port = config.port;
    const { assets, lists, workDirs, models, network } = media;
    if (isFirstStart && config.embedded && owner !== null) {
      await seedWorkflows({ db, assets, models, samplesDir: config.samplesDir, logger }, owner.id);
    }
    const passwords = createPasswordChecker({ cost: options.passwordCost });
    parts.add(() => passwords.stop());
    const rates = rateTable(config);
    const turns = createRunTurns({ pool, queue, logger, maxActivePerUser: config.limits.maxActiveRunsPerUser });
    parts.add(() => turns.idle());
    const disk = createDiskWatch({ folder: config.dataDir, minFreeBytes: config.limits.minFreeDiskBytes, logger });
    await disk.start();
    parts.add(async () => disk.stop());
    const auth = await openAuth({
      config,
      db,
      pool,
      newId,
      audit,
      secretBox,
      logger,
      onChanged: (userId) => announceAccess({ notices, credentials }, userId),
      onEnded: (userId, cancelled) => announceEnd({ notices, credentials, turns }, userId, cancelled),
      ownOrigins: () => ['localhost', '127.0.0.1', '[::1]'].map((name) => `http://${name}:${port}`),
    });
    const credentials: KnownCredentials = createKnownCredentials({
      auth: auth.provider,
      notices,
      now: () => performance.now(),
    });
    parts.add(async () => credentials.stop());
    const catalogue = options.catalogue ?? nodeCatalogue;
    const runDetails = createRunDetails({ db, pool, catalogue });
    const feed = createRunFeed({
      db,
      notices,
      logger,
      pollIntervalMs: options.livePollMs ?? socketLimits.pollIntervalMs,
      now: () => new Date(),
    });
    feed.start();
    parts.add(() => feed.stop());
    const partFeed = createPartFeed({
      db,
      notices,
      logger,
      pollIntervalMs: options.livePollMs ?? socketLimits.pollIntervalMs,
      now: () => new Date(),
    });
    partFeed.start();
    parts.add(() => partFeed.stop());
    const streams = createRunStreams({ feed, details: runDetails, logger });
    const known: Omit<ServerDependencies, 'starter'> = {
      disk,
      db,
      pool,
      queue,
      turns,
      waitEnds: createWaitEnds({ pool, queue, notices, logger, onChanged: turns.ended }),
      notices,
      assets,
      lists,
      workDirs,
      models,
      modelsOf,
      secretBox,
      addresses: network.rules,
      checkAddress: createAddressCheck(network.rules, network.resolve),
      auth: auth.provider,
      browserSignIn: auth.browser,
      once: createOnce({ db, pool, newId }),
      transfers: createTransferTurns(),
      credentials,
      audit,
      passwords,
      watchFolders: await openWatchFolders(config.watchFolders, config.assetsCredentials),
      catalogue,
      lackingParts: media.media.lackingParts,
      runDetails,
      streams,
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
        runTimeouts: config.runTimeouts,
        leaseMs: config.leaseMs,
      },
    };
    const deps: ServerDependencies = { ...known, starter: openRunStarter(known) };
    const inputsAfter = createInputsAfter(runDetails, lists);
    const { doesDuties = true } = options;
    const firer = createFirer({ pool, starter: deps.starter, newId, logger, now: () => null, inputsAfter });
    if (doesDuties) firer.start();
    parts.add(() => firer.stop());
    const watcher = createWatcher({
      pool,
      logger,
      newId,
      now: () => null,
      folderOf: ({ userId, settings }) => deps.watchFolders.find(userId, newFilesSettingsSchema.parse(settings).folder),
      keep: (source, options) => deps.assets.ingest(source, options),
      inputsOf: inputsOfFile,
    });
    if (doesDuties && config.watchFolders.length > 0) watcher.start();
    parts.add(() => watcher.stop());
    const feeder = createFeeder({
      pool,
      starter: deps.starter,
      logger,
      now: () => null,
      maxActiveRunsPerUser: config.limits.maxActiveRunsPerUser,
    });
    if (doesDuties) feeder.start();
    parts.add(() => feeder.stop());
    const answerLinks = createAnswerLinks({ pool, secretBox });
    const teller = createTeller({
      pool,
      logger,
      fetch: createGuardedConnection(network.rules, network.resolve),
      secretsOf: (id, sealed) => openCallbackSecrets(secretBox, id, sealed),
      describeRun: (userId, runId) => describeRun(deps.runDetails, userId, runId),
      describeWait: (userId, waitId) => describeWait(db, userId, waitId),
      answerUrlOf: async (userId, waitId) => {
        const found = await findWait(db, { workspaceId: userId }, waitId);
        const appUrl = config.publicUrl ?? localAddress(config.host, port);
        return found === null ? null : ((await answerLinks.issue([found], appUrl)).get(waitId) ?? null);
      },
      userAgent: userAgentOf(version, null),
      now: () => null,
      random: Math.random,
    });
    if (doesDuties) teller.start();
    parts.add(() => teller.stop());
    const housekeeper = createHousekeeper({ db, pool, logger });
    if (doesDuties) housekeeper.start();
    parts.add(() => housekeeper.stop());
    const cleaner = createCleaner({
      pool,
      store: media.store,
      rows: createAssetRows(db),
      retention: config.retention,
      logger,
    });
    if (doesDuties) cleaner.start();
    parts.add(() => cleaner.stop());

    const meter = createMeter({ pool, quota: config.limits.data, logger, now: Date.now });
    if (doesDuties) meter.start();
    parts.add(() => meter.stop());

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
    parts.add(() => sweeper.stop());

    const recheckMs = options.socketRecheckMs ?? socketLimits.recheckIntervalMs;
    const access = createAccessOfRequests({
      auth: deps.auth,
      notices,
      logger,
      intervalMs: recheckMs,
      now: () => performance.now(),
    });
    parts.add(async () => access.stop());
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
    parts.add(() => listener.stop(config.drainMs));
    parts.add(async () => streams.stop());
    const live = startLiveServer({
      http: listener.server,
      db,
      pool,
      findRunDetail: deps.runDetails.find,
      feed,
      partFeed,
      auth: deps.auth,
      notices,
      allowedOrigins: config.allowedOrigins,
      trustedProxies: config.trustedProxies,
      rates: deps.rates,
      metrics,
      logger,
      recheckIntervalMs: recheckMs,
    });
    parts.add(() => live.stop());
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
        return parts.closeAll();
      },
    };

    async function prepareOwner(on: Db) {
      // With an identity provider an owner is somebody there: nobody comes by a link.
      const makesOwner = config.clerk === null && (config.embedded || isLoopback(config.host));
      const isFirst = (await findOwner(on)) === null;
      const found = await bootstrapOwner(on, { ...config.bootstrap, makesOwner }, newId);
      const canOwner = await canOwnerSignIn(on);
      requireSignIn(canOwner);
      return { isFirstStart: isFirst, owner: found, canSignIn: canOwner };
    }

    function requireSignIn(canOwner: boolean): void {
      const comesByProvider = config.clerk !== null || config.oidc.some(({ roles }) => (roles?.owner.length ?? 0) > 0);
      if (comesByProvider || isLoopback(config.host) || canOwner) return;
      throw new TerminalError(
        'AUTH_REQUIRED',
        `HOST is ${config.host}, which others can reach, and nobody could sign in. Set BOOTSTRAP_EMAIL and BOOTSTRAP_PASSWORD (or BOOTSTRAP_API_KEY), or HOST=127.0.0.1.`,
      );
    }
  }
}
