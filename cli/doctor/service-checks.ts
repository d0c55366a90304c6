import pg from 'pg';
import { TerminalError } from '../../core/errors/app-error.ts';
import { findPostgresBinaries } from '../../embedded/postgres-binaries.ts';
import { findRedisOnPath } from '../../embedded/redis-binary.ts';
import { runCommand } from '../../embedded/run-command.ts';
import { openQueueBackend } from '../../queue/backend.ts';
import { requireNoEviction } from '../../queue/redis-policy.ts';
import type { CliConfig } from '../config.ts';
import type { Check, Finding } from './finding.ts';

/** The oldest Postgres that the queue's own schema supports. */
const leastPostgres = 13;
/** A service that needs longer to answer is as good as down. */
const answerTimeoutMs = 5_000;

async function checkPostgres(config: CliConfig): Promise<Finding> {
  return config.databaseUrl === null ? await checkBinaries(config) : await checkDatabase(config.databaseUrl);
}

async function checkBinaries(config: CliConfig): Promise<Finding> {
  const name = 'Postgres';
  const { postgres } = await findPostgresBinaries({ binDir: config.postgresBin });
  const shown = await runCommand(postgres, ['--version'], { timeoutMs: answerTimeoutMs });
  if (shown.code === 0) return { name, state: 'ok', detail: `built-in: ${shown.stdout.trim()}` };
  const detail = `${postgres} does not run here: ${shown.stderr.trim()}`;
  const fix = 'Point POSTGRES_BIN at a folder with initdb and postgres that run here, or set DATABASE_URL.';
  return { name, state: 'problem', detail, fix };
}

async function checkDatabase(url: string): Promise<Finding> {
  const name = 'Postgres';
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: answerTimeoutMs });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    );
    const major = Math.floor((rows[0]?.version ?? 0) / 10_000);
    if (major >= leastPostgres) return { name, state: 'ok', detail: `Postgres ${major} answers at DATABASE_URL` };
    const fix = `Use Postgres ${leastPostgres} or newer.`;
    return { name, state: 'problem', detail: `Postgres ${major} at DATABASE_URL is too old`, fix };
  } catch (error) {
    const detail = `DATABASE_URL cannot be reached: ${error instanceof Error ? error.message : String(error)}`;
    const fix = 'Start that Postgres, correct DATABASE_URL, or remove it to use an embedded one.';
    return { name, state: 'problem', detail, fix };
  } finally {
    await client.end().catch(() => {});
  }
}

async function checkRedis(config: CliConfig): Promise<Finding> {
  const name = 'Redis';
  if (config.redisUrl !== null) return await checkGivenRedis(config, config.redisUrl);
  const binary = await findRedisOnPath(config.searchPath);
  if (binary !== null) return { name, state: 'ok', detail: `built-in: ${binary.path}` };
  return {
    name,
    state: 'warning',
    detail: 'no redis-server on PATH; Heddle will try to unpack one, or else keep the queue in Postgres (slower)',
    fix: 'Install it (Debian: apt-get install redis-server; macOS: brew install redis), or set REDIS_URL.',
  };
}

async function checkGivenRedis(
  { redisClusterNodes: clusterNodes, redisCa: ca }: CliConfig,
  url: string,
): Promise<Finding> {
  const name = 'Redis';
  let lastError: Error | undefined;
  const location = { kind: 'redis', url, clusterNodes, ca, prefix: '{heddle}' } as const;
  const backend = openQueueBackend(location, (error) => (lastError = error));
  const timeout = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(lastError ?? new Error('no answer')), answerTimeoutMs);
    timer.unref();
  });
  try {
    await Promise.race([backend.ping(), timeout]);
    await requireNoEviction(backend);
    const what = clusterNodes.length === 0 ? 'Redis answers' : 'a Redis Cluster answers';
    const detail = `${what} at REDIS_URL and never evicts keys`;
    if (await backend.storage.isKeptOnDisk()) return { name, state: 'ok', detail };
    return {
      name,
      state: 'warning',
      detail: `${detail}, but has no append-only file: after it restarts, runs wait until the queue is refilled`,
      fix: 'Set "appendonly yes" and "appendfsync everysec" in redis.conf if you can.',
    };
  } catch (error) {
    // That a command was given up says less than why there is no connection.
    const reason = error instanceof TerminalError ? error : (lastError ?? error);
    const detail = `REDIS_URL is not usable: ${reason instanceof Error ? reason.message : String(reason)}`;
    const fix = 'Start that Redis, correct REDIS_URL, set maxmemory-policy to noeviction, or remove REDIS_URL.';
    return { name, state: 'problem', detail, fix };
  } finally {
    await backend.stop();
  }
}

/** The services that Heddle stands on. */
export const serviceChecks: readonly Check[] = [checkPostgres, checkRedis];
