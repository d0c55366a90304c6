import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TerminalError } from '../core/errors/app-error.ts';
import { keepPort, loopback } from './free-port.ts';
import { readLogTail } from './log-file.ts';
import { endProcess, isProcessAlive, readCommandLine } from './process-info.ts';
import { findRedisOnPath, type RedisBinary } from './redis-binary.ts';
import { unpackRedis } from './redis-package.ts';
import { probeRedis } from './redis-probe.ts';
import { readOrCreateSecret } from './secret-file.ts';
import { describeEnd, endService, launchService, onEnd, waitUntilAnswering } from './service-process.ts';

interface FindRedisOptions {
  /** Where to look for programs, in the form of PATH. */
  readonly searchPath: string;
  /** Where a program taken out of a package is kept. */
  readonly cacheDir: string;
  /** The time now in milliseconds. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/**
 * A redis-server or valkey-server: the one on PATH, else one unpacked from the
 * distribution's signed package, else null.
 */
export async function findRedis(options: FindRedisOptions): Promise<RedisBinary | null> {
  return (await findRedisOnPath(options.searchPath)) ?? (await unpackRedis(options));
}

/** Where a Redis of our own lives. */
export interface EmbeddedRedisOptions {
  /** Made when missing. Holds the data, the password and the log. */
  readonly dataDir: string;
  readonly binary: RedisBinary;
  /** False keeps nothing on disk, for tests. Default true: an append-only file, written every second. */
  readonly durable?: boolean;
  /** Default DATA_DIR/logs/redis.log. */
  readonly logFile?: string;
  /** Told once when Redis ends without stop() having been called; start() may then be called again. */
  readonly onUnexpectedExit?: (reason: string) => void;
}

interface RunningRedis {
  /** Connection string with the password: never log it. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
}

/** A Redis of this program's own. start() resolves when it answers; stop() waits until its data are written. */
export interface EmbeddedRedis {
  start(): Promise<RunningRedis>;
  stop(): Promise<void>;
}

/** Loading is about a second per gigabyte. */
const startTimeoutMs = 60_000;
/** At its end Redis writes the last second of its append-only file. */
const stopGraceMs = 15_000;
/** A port can be taken between choosing and binding. */
const startAttempts = 5;

/**
 * Runs the Redis of one DATA_DIR. An orphan whose parent was killed is ended in
 * order and started anew as a child; its append-only file carries the data over.
 */
export function createEmbeddedRedis(options: EmbeddedRedisOptions): EmbeddedRedis {
  const dataDir = resolve(options.dataDir);
  const folder = join(dataDir, 'redis');
  const configFile = join(folder, 'redis.conf');
  const pidFile = join(folder, 'redis.pid');
  const logFile = options.logFile ?? join(dataDir, 'logs', 'redis.log');
  let child: ChildProcess | undefined;
  let stopping = false;

  async function start(): Promise<RunningRedis> {
    if (child !== undefined) throw new Error('This Redis is already started.');
    stopping = false;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await endOrphanedRedis(dataDir);
    const password = await readOrCreateSecret(join(dataDir, 'redis-password'));

    for (let attempt = 1; ; attempt++) {
      const port = await keepPort(join(folder, 'port'));
      const logStart = await stat(logFile).then(
        (found) => found.size,
        () => 0,
      );
      // A file and not arguments: those are shown to every user of the machine.
      const config = redisConfig({ folder, pidFile, port, password, durable: options.durable ?? true });
      await writeFile(configFile, config, { mode: 0o600 });
      const started = await launchService({
        file: options.binary.path,
        args: [configFile],
        cwd: folder,
        env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', LD_LIBRARY_PATH: options.binary.libraryDirs.join(':') },
        logFile,
      });
      try {
        await waitUntilAnswering(started, startTimeoutMs, () => probeRedis(port, password));
        child = started;
        onEnd(started, () => {
          if (child === started) child = undefined;
          if (!stopping) options.onUnexpectedExit?.(`Redis ended by itself (${describeEnd(started)}).`);
        });
        return { url: `redis://:${password}@${loopback}:${port}`, port, pid: started.pid ?? 0 };
      } catch (cause) {
        await endService(started, 'SIGTERM', stopGraceMs, 'SIGKILL');
        const tail = await readLogTail(logFile, logStart);
        if (tail.includes('Address already in use') && attempt < startAttempts) {
          await sleep(100 * attempt);
          continue;
        }
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new TerminalError(
          'EMBEDDED_START_FAILED',
          `Redis in ${folder} did not start: ${reason}\nIts log, ${logFile}, ends with:\n${tail}`,
          { cause },
        );
      }
    }
  }

  async function stop(): Promise<void> {
    stopping = true;
    if (child === undefined) return;
    await endService(child, 'SIGTERM', stopGraceMs, 'SIGKILL');
    child = undefined;
  }

  return { start, stop };
}

/** Ends the Redis that a killed parent left running on `dataDir`. A pid that now belongs to another program is left alone. */
export async function endOrphanedRedis(dataDir: string): Promise<void> {
  const folder = join(resolve(dataDir), 'redis');
  const pidFile = join(folder, 'redis.pid');
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (Number.isInteger(pid) && pid > 1 && (await isProcessAlive(pid))) {
    if ((await readCommandLine(pid)).includes(join(folder, 'redis.conf'))) {
      await endProcess(pid, 'SIGTERM', stopGraceMs);
    }
  }
  await rm(pidFile, { force: true });
}

interface ConfigOptions {
  readonly folder: string;
  readonly pidFile: string;
  readonly port: number;
  readonly password: string;
  readonly durable: boolean;
}

function redisConfig(options: ConfigOptions): string {
  const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return [
    `bind ${loopback}`,
    `port ${options.port}`,
    'protected-mode yes',
    `requirepass ${options.password}`,
    'daemonize no',
    `pidfile ${quoted(options.pidFile)}`,
    // The command line is how an orphan is known; Redis would overwrite it.
    'set-proc-title no',
    `dir ${quoted(options.folder)}`,
    // Jobs must never be evicted.
    'maxmemory-policy noeviction',
    // At most one second of wake-ups is lost with the machine; Postgres has the truth.
    `appendonly ${options.durable ? 'yes' : 'no'}`,
    'appendfsync everysec',
    'save ""',
    'databases 1',
    '',
  ].join('\n');
}
