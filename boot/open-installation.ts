import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { InstallationConfig } from '../config/installation.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import type { Logger, ModelTools } from '../core/node-type/executor.ts';
import type { WebTools } from '../core/node-type/web-tools.ts';
import type { Scrubber } from '../core/scrub.ts';
import { openDatabase, type Db } from '../db/client.ts';
import { pendingMigrations } from '../db/migrate.ts';
import { createGuardedConnection } from '../net/guarded-connection.ts';
import { createSecretBox, type SecretBox } from '../providers/secret-box.ts';
import type { QueueBackend } from '../queue/backend.ts';
import type { NoticeChannel } from '../queue/notice-channel.ts';
import { requireNoEviction } from '../queue/redis-policy.ts';
import { createRunQueue, type RunQueue } from '../queue/run-queue.ts';
import { openMedia, type OpenedMedia } from './open-media.ts';
import { openQueue } from './open-queue.ts';
import type { OpenedParts } from './opened-parts.ts';
import { startTracing } from './start-tracing.ts';
import { createUserModels } from './user-models.ts';
import { createUserWeb } from './user-web.ts';

interface InstallationOptions<Prepared> {
  readonly config: InstallationConfig;
  /** What traces and Postgres call this program. */
  readonly program: 'heddle-server' | 'heddle-worker';
  readonly version: string;
  readonly newId: () => string;
  readonly logger: Logger;
  /** Takes secrets out of what is written down. */
  readonly scrubber: Scrubber;
  readonly database: {
    /** Connections kept open at most. */
    readonly poolSize: number;
    /** See `DatabaseOptions`. Default false. */
    readonly plansOnce?: boolean;
    /** See `DatabaseOptions`. Default false. */
    readonly takesTurns?: boolean;
  };
  /** Closes what is opened here. */
  readonly parts: OpenedParts;
  /** Sees to what must be so before anything beside the database is opened; it throws where it is not. */
  readonly prepare: (db: Db) => Promise<Prepared>;
}

/** One installation, as a server or a worker has it open. */
export interface Installation<Prepared> {
  /** What `prepare` gave. */
  readonly prepared: Prepared;
  readonly db: Db;
  /** The pool under `db`. */
  readonly pool: pg.Pool;
  readonly backend: QueueBackend;
  readonly queue: RunQueue;
  readonly notices: NoticeChannel;
  readonly media: OpenedMedia;
  /** Null where the operator has set no key: then no user can keep one. */
  readonly secretBox: SecretBox | null;
  /** The models as a user may call them: with keys of their own, where they have some. */
  readonly modelsOf: (userId: string) => ModelTools;
  /** The web as a user's nodes may reach it, with secrets of their own. */
  readonly webOf: (userId: string) => WebTools;
}

/** A notice channel that is not there by then is left to connect on its own. */
const noticeStartMs = 3_000;

/**
 * Opens what servers and workers of an installation have in common. Redis may be away: what is done then waits for it, or
 * does without. Throws where Postgres is away, lacks migrations, or Redis may drop jobs; what was opened by then is in
 * `parts`.
 */
export async function openInstallation<Prepared>(
  options: InstallationOptions<Prepared>,
): Promise<Installation<Prepared>> {
  const { config, program, version, newId, logger, parts } = options;
  const tracing = await startTracing({ endpoint: config.tracesEndpoint, service: program, version });
  parts.add(() => tracing.stop());
  const onError = (error: Error) => logger.warn({ err: error }, 'a connection was lost');
  const { db, pool, stop } = openDatabase(config.databaseUrl, {
    ...options.database,
    applicationName: program,
    onError,
  });
  parts.add(stop);
  await requireMigrations(db);
  const prepared = await options.prepare(db);

  const backend = await openQueue(config, onError);
  parts.add(() => backend.stop());
  const queue = createRunQueue(backend);
  parts.add(() => queue.stop());
  await requireNoEviction(backend).catch((error: unknown) => {
    if (error instanceof TerminalError) throw error;
    logger.warn({ err: error }, 'the queue does not answer yet; runs wait for it');
  });
  const notices = backend.openNotices(onError);
  parts.add(() => notices.stop());
  await Promise.race([notices.start().catch(onError), sleep(noticeStartMs, undefined, { ref: false })]);

  const media = await openMedia(config, { db, newId, version, logger });
  parts.add(() => media.stop());
  const secretBox =
    config.secretsKey === null ? null : createSecretBox(config.secretsKey.present, config.secretsKey.old);
  const modelsOf = createUserModels({
    pool,
    box: secretBox,
    providers: media.providers,
    toolsOf: media.modelsOver,
    fetch: createGuardedConnection(media.network.rules, media.network.resolve),
    waits: config.limits.models,
    scrubber: options.scrubber,
    logger,
    now: Date.now,
  });
  const webOf = createUserWeb({
    pool,
    box: secretBox,
    requester: media.requester,
    scrubber: options.scrubber,
    logger,
  });
  return { prepared, db, pool, backend, queue, notices, media, secretBox, modelsOf, webOf };
}

async function requireMigrations(db: Db): Promise<void> {
  const pending = await pendingMigrations(db);
  if (pending.length === 0) return;
  throw new TerminalError(
    'SERVICE_UNAVAILABLE',
    `The database lacks ${pending.length} migration(s), the first is ${pending[0]}. Run "heddle migrate" and start again.`,
  );
}
