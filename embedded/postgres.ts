import { spawn, type ChildProcess } from 'node:child_process';
import { chown, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { TerminalError } from '../core/errors/app-error.ts';
import { keepPort, loopback } from './free-port.ts';
import { openLogFile, readLogTail } from './log-file.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { openPostgresHome, type PostgresHome } from './postgres-home.ts';
import { postgresSettings } from './postgres-settings.ts';
import { endOrphanedPostgres, fastShutdownMs } from './postmaster.ts';
import { runCommand } from './run-command.ts';
import { readOrCreateSecret } from './secret-file.ts';

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

const roleName = 'heddle';
const databaseName = 'heddle';
/** Normal first start: about one second; crash recovery of a full WAL takes some seconds more. */
const startTimeoutMs = 60_000;
/** initdb takes about a second; a slow, encrypted or network disk may need far longer. */
const initTimeoutMs = 120_000;
/** Pause between two looks at a starting server: short against its 50 ms. */
const pollMs = 20;
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
        watch(started);
        return { url, port, pid: started.pid ?? 0 };
      } catch (error) {
        await end(started);
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

  async function launch(home: PostgresHome, binaries: PostgresBinaries, clusterDir: string, port: number) {
    const log = await openLogFile(logFile);
    try {
      const settings = postgresSettings({ port, durable: options.durable ?? true });
      const started = spawn(
        binaries.postgres,
        ['-D', clusterDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
        {
          cwd: home.folder,
          env: serviceEnvironment(),
          detached: true,
          stdio: ['ignore', log.fd, log.fd],
          uid: home.user?.uid,
          gid: home.user?.gid,
        },
      );
      await new Promise<void>((done, fail) => started.once('spawn', done).once('error', fail));
      return started;
    } finally {
      await log.close();
    }
  }

  function watch(started: ChildProcess): void {
    started.once('exit', (code, signal) => {
      if (child === started) child = undefined;
      if (!stopping) options.onUnexpectedExit?.(`Postgres ended by itself (${signal ?? `exit code ${code}`}).`);
    });
    if (started.exitCode !== null || started.signalCode !== null)
      started.emit('exit', started.exitCode, started.signalCode);
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
    await end(child);
    child = undefined;
  }

  return { start, stop };
}

interface ClusterOptions {
  readonly home: PostgresHome;
  readonly clusterDir: string;
  readonly binaries: PostgresBinaries;
  readonly password: string;
  readonly durable: boolean;
}

async function ensureCluster(options: ClusterOptions): Promise<void> {
  const { home, clusterDir, binaries } = options;
  const version = await majorVersion(binaries);
  const unfinished = join(home.folder, 'data.new');
  await rm(unfinished, { recursive: true, force: true });
  if (await isCluster(clusterDir)) {
    const found = (await readFile(join(clusterDir, 'PG_VERSION'), 'utf8')).trim();
    if (found === version) return;
    throw new TerminalError(
      'EMBEDDED_START_FAILED',
      `The data in ${clusterDir} were written by Postgres ${found}, but Postgres ${version} is installed. Dump them with Postgres ${found} and restore them, or point POSTGRES_BIN to the programs of Postgres ${found}.`,
    );
  }
  // Never delete what is not understood: it is moved aside.
  const leftover = await readdir(clusterDir).catch(() => []);
  if (leftover.length > 0) await rename(clusterDir, `${clusterDir}.incomplete-${Date.now()}`);

  const passwordFile = join(home.folder, 'initial-password');
  await rm(passwordFile, { force: true });
  try {
    await writeFile(passwordFile, options.password, { mode: 0o600, flag: 'wx' });
    if (home.user !== undefined) await chown(passwordFile, home.user.uid, home.user.gid);
    const locale =
      Number(version) >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'] : ['--locale=C'];
    const result = await runCommand(
      binaries.initdb,
      [
        ...['-D', unfinished, '-U', roleName, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', ...locale, '--data-checksums', '--no-instructions'],
        ...(options.durable ? [] : ['--no-sync']),
      ],
      { cwd: home.folder, env: serviceEnvironment(), ...home.user, timeoutMs: initTimeoutMs },
    );
    if (result.code !== 0) {
      throw new TerminalError(
        'EMBEDDED_START_FAILED',
        `A new database could not be made in ${home.folder}: initdb ended with ${result.code ?? 'a signal'}.\n${result.stderr.trim()}`,
      );
    }
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, clusterDir);
}

async function isCluster(folder: string): Promise<boolean> {
  const parts = await Promise.all(
    ['PG_VERSION', join('global', 'pg_control')].map((name) => stat(join(folder, name)).catch(() => undefined)),
  );
  return parts.every((found) => found !== undefined && found.size > 0);
}

async function majorVersion(binaries: PostgresBinaries): Promise<string> {
  const { stdout, stderr, code } = await runCommand(binaries.postgres, ['--version'], {
    env: serviceEnvironment(),
    timeoutMs: 10_000,
  });
  const major = /\b(\d+)(\.|\w)/.exec(stdout)?.[1];
  if (major !== undefined) return major;
  throw new TerminalError(
    'EMBEDDED_START_FAILED',
    `${binaries.postgres} does not run on this machine (exit code ${code}): ${stderr.trim()}. Point POSTGRES_BIN to a Postgres that does, or set DATABASE_URL.`,
  );
}

/** Nothing of the caller's environment: PG* variables and secrets have no business there. */
function serviceEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/** Resolves when the database answers, making it if it is missing. */
async function waitUntilReady(started: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  for (;;) {
    if (started.exitCode !== null || started.signalCode !== null) {
      throw new Error(`it ended with ${started.signalCode ?? `exit code ${started.exitCode}`}.`);
    }
    const client = new pg.Client({ connectionString: maintenance.href, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      const known = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
      if (known.rowCount === 0) await client.query(`create database ${databaseName}`);
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // 28P01: wrong password. Waiting does not help: it is another server, or the password file was replaced.
      if (code === '28P01')
        throw new Error('it does not accept the password in DATA_DIR/postgres-password.', { cause: error });
      if (performance.now() > deadline) throw error;
    } finally {
      await client.end().catch(() => {});
    }
    await sleep(pollMs);
  }
}

/** Fast shutdown; immediate shutdown (no data are lost, the next start recovers) when that takes too long. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), fastShutdownMs);
  await exited;
  clearTimeout(timer);
}
