import type { ChildProcess } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { TerminalError } from '../core/errors/app-error.ts';
import { hasErrorCode } from './error-code.ts';
import { keepPort, loopback } from './free-port.ts';
import { readLogTail } from './log-file.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { openPostgresHome, type PostgresHome } from './postgres-home.ts';
import { postgresSettings } from './postgres-settings.ts';
import { endOrphanedPostgres, fastShutdownMs } from './postmaster.ts';
import { ensureCluster, roleName, serviceEnvironment } from './postgres-cluster.ts';
import { readOrCreateSecret } from './secret-file.ts';
import { describeEnd, endService, launchService, onEnd, ProbeRefused, waitUntilAnswering } from './service-process.ts';

/** Where a Postgres of our own lives. */
export interface EmbeddedPostgresOptions {
  /** Made when missing. Holds the cluster (or a pointer to it), the password and the log. */
  readonly dataDir: string;
  /** A folder with `initdb` and `postgres`; default: the installed package. */
  readonly binDir?: string;
  /** False trades safety for speed, for throw-away databases of tests. Default true. */
  readonly durable?: boolean;
  /** Where Postgres writes its log; default DATA_DIR/logs/postgres.log. */
  readonly logFile?: string;
  /** Told once when Postgres ends without stop() having been called; start() may then be called again. */
  readonly onUnexpectedExit?: (reason: string) => void;
}

/** One that takes connections. */
export interface RunningPostgres {
  /** Connection string of the database `heddle`, password included: never log it. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
}

/** A Postgres of this program's own. start() resolves when it answers; stop() waits until it has ended. */
export interface EmbeddedPostgres {
  start(): Promise<RunningPostgres>;
  stop(): Promise<void>;
}

const databaseName = 'heddle';
/** Normal first start: about one second; crash recovery of a full WAL takes some seconds more. */
const startTimeoutMs = 60_000;
/** A port can be taken between choosing and binding, and the backends of a killed server take a moment to leave. */
const startAttempts = 5;

/**
 * Runs the Postgres of one DATA_DIR.
 *
 * What a crash leaves and what the next start() does:
 * - initdb works in `data.new`, which is renamed when complete, so `data` is always whole; a leftover is deleted.
 * - The parent was killed: Postgres lives on as an orphan; it is shut down in order and started anew as a child.
 * - Postgres was killed: it recovers from its WAL; its stale pid file is removed.
 * Postgres runs in a process group of its own, so that Ctrl-C in a terminal does not reach it before its clients ended.
 */
export function createEmbeddedPostgres(options: EmbeddedPostgresOptions): EmbeddedPostgres {
  const dataDir = resolve(options.dataDir);
  const logFile = options.logFile ?? join(dataDir, 'logs', 'postgres.log');
  let child: ChildProcess | undefined;
  let stopping = false;

  async function start(): Promise<RunningPostgres> {
    if (child !== undefined) throw new Error('This Postgres is already started.');
    stopping = false;
    // Others may pass through, not look around: the service user must reach its folder when this process is root.
    await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    const home = await openPostgresHome(dataDir);
    const binaries = await findPostgresBinaries({ binDir: options.binDir, user: home.user });
    const clusterDir = join(home.folder, 'data');
    await endOrphanedPostgres(clusterDir);
    const password = await readOrCreateSecret(join(dataDir, 'postgres-password'));
    await ensureCluster({ home, clusterDir, binaries, password, durable: options.durable ?? true });

    for (let attempt = 1; ; attempt++) {
      const port = await keepPort(join(home.folder, 'port'));
      const logStart = await stat(logFile).then(
        (found) => found.size,
        () => 0,
      );
      const started = await launch(home, binaries, clusterDir, port);
      const url = `postgres://${roleName}:${password}@${loopback}:${port}/${databaseName}`;
      try {
        await waitUntilReady(started, url);
        child = started;
        onEnd(started, () => {
          if (child === started) child = undefined;
          if (!stopping) options.onUnexpectedExit?.(`Postgres ended by itself (${describeEnd(started)}).`);
        });
        return { url, port, pid: started.pid ?? 0 };
      } catch (error) {
        await endPostgres(started);
        const tail = await readLogTail(logFile, logStart);
        const passing = /Address already in use|pre-existing shared memory block|lock file "postmaster.pid"/.test(tail);
        if (passing && attempt < startAttempts) {
          await sleep(200 * attempt);
          continue;
        }
        throw startFailed(error, tail);
      }
    }
  }

  function launch(home: PostgresHome, binaries: PostgresBinaries, clusterDir: string, port: number) {
    const settings = postgresSettings({ port, durable: options.durable ?? true });
    return launchService({
      file: binaries.postgres,
      args: ['-D', clusterDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      cwd: home.folder,
      // Each connection is a fork of this process: what it has looked up in its libraries, none has to look up again.
      env: { ...serviceEnvironment(), LD_BIND_NOW: '1' },
      logFile,
      user: home.user,
    });
  }

  function startFailed(cause: unknown, tail: string): TerminalError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new TerminalError(
      'EMBEDDED_START_FAILED',
      `Postgres in ${dataDir} did not start: ${reason}\nIts log, ${logFile}, ends with:\n${tail}`,
      { cause },
    );
  }

  async function stop(): Promise<void> {
    stopping = true;
    if (child === undefined) return;
    await endPostgres(child);
    child = undefined;
  }

  return { start, stop };
}

/** Resolves when the database answers, making it if it is missing. */
function waitUntilReady(started: ChildProcess, url: string): Promise<void> {
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  return waitUntilAnswering(started, startTimeoutMs, async () => {
    const client = new pg.Client({ connectionString: maintenance.href, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      const known = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
      if (known.rowCount === 0) await client.query(`create database ${databaseName}`);
    } catch (error) {
      // Wrong password: it is another server, or the password file was replaced.
      if (!hasErrorCode(error, '28P01')) throw error;
      throw new ProbeRefused('it does not accept the password in DATA_DIR/postgres-password.', { cause: error });
    } finally {
      await client.end().catch(() => {});
    }
  });
}

/** Fast shutdown; immediate shutdown (no data are lost, the next start recovers) when that takes too long. */
function endPostgres(child: ChildProcess): Promise<void> {
  return endService(child, 'SIGINT', fastShutdownMs, 'SIGQUIT');
}
