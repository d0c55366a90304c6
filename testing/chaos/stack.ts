import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { migrateToLatest } from '../../db/migrate.ts';
import { findFreePort } from '../../embedded/free-port.ts';
import { createEmbeddedPostgres, type EmbeddedPostgres } from '../../embedded/postgres.ts';
import { createEmbeddedRedis, findRedis, type EmbeddedRedis } from '../../embedded/redis.ts';
import { removeDataDir } from '../../embedded/remove-data-dir.ts';
import { cleanUpAfterThisProcess } from '../clean-up-after.ts';
import { migratePostgresQueue } from '../../queue/postgres-schema.ts';
import { readToolPlaces } from '../config.ts';
import { createProjectProcesses, type ProjectProcess, type ProjectProcesses } from '../processes.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

export interface TakenAttempt {
  /** Of the node execution. */
  readonly id: string;
  readonly attempt: number;
  readonly pid: number;
  readonly at: Date;
}

export interface ProcessLife {
  readonly pid: number;
  /** When it said that it was ready; null: it never did. */
  from: Date | null;
  /** Null: until now. */
  to: Date | null;
}

/** A server or a worker that is started again whenever it ends, as a supervisor does. */
export interface SupervisedProcess {
  readonly name: string;
  /** Null while it is down. */
  pid(): number | null;
  /** Its processes, from the moment they were started. */
  readonly lives: readonly ProcessLife[];
  /** Attempts that it took from the queue, as a worker. */
  readonly taken: readonly TakenAttempt[];
  /** SIGKILL; a new one comes up after `downMs`. */
  kill(downMs: number): Promise<void>;
  /** SIGTERM; resolves when it has ended, and a new one comes up. */
  drain(): Promise<void>;
  /** Resolves when it is up. */
  ready(): Promise<void>;
  /** Clock error of those that come up from now on. */
  setSkew(ms: number): void;
  /** SIGTERM and no new one; the exit code of an orderly end is 0. */
  stop(): Promise<number | null>;
  /** What all of them printed. */
  output(): string;
}

/** A service under its own launcher, reached through a proxy. */
export interface ProxiedService {
  readonly proxy: TcpProxy;
  /** Ends it at once and keeps it away for `downMs`; `before` runs in between. */
  break(signal: NodeJS.Signals, downMs: number, before?: () => Promise<void>): Promise<void>;
}

export interface ChaosStack {
  readonly dataDir: string;
  /** Not through the proxy: for the checker. */
  readonly databaseUrl: string;
  readonly redis: (ProxiedService & { readonly url: string; readonly prefix: string; readonly folder: string }) | null;
  readonly postgres: ProxiedService;
  readonly servers: readonly (SupervisedProcess & { readonly url: string })[];
  readonly workers: readonly SupervisedProcess[];
  /** The small disk of the first worker; null where none could be mounted. */
  readonly smallDisk: string | null;
  readonly apiKey: string;
  /** Stops servers and workers in order; the names of those that did not leave with 0. */
  stopProcesses(): Promise<readonly string[]>;
  /** A worker that comes up, tidies up what dead ones left, and leaves. */
  tidyUp(): Promise<void>;
  stop(): Promise<void>;
}

const usualSize = { servers: 2, workers: 3 };
/** Room for what the probes of a few runs write at once. */
const smallDiskSize = '4m';
/** A process that cannot start because a service is away is started again so soon. */
const restartMs = 500;

/**
 * Real Postgres, Redis, servers and workers, with a bad network in between.
 *
 * @param nodeArgs options of Node for servers and workers
 * @param size how many of them. Default: two servers, three workers
 * @param settings of servers and workers, in place of what they have otherwise
 */
export async function startChaosStack(
  queue: 'redis' | 'postgres',
  nodeArgs: readonly string[] = [],
  size: { readonly servers: number; readonly workers: number } = usualSize,
  settings: Readonly<Record<string, string>> = {},
): Promise<ChaosStack> {
  // What was opened is closed in the opposite order, also when a later step fails.
  const opened: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  };
  try {
    return { ...(await open(queue, nodeArgs, { size, settings }, opened)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function open(
  queue: 'redis' | 'postgres',
  nodeArgs: readonly string[],
  {
    size,
    settings,
  }: {
    readonly size: { readonly servers: number; readonly workers: number };
    readonly settings: Readonly<Record<string, string>>;
  },
  opened: (() => Promise<unknown>)[],
): Promise<Omit<ChaosStack, 'stop'>> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-chaos-'));
  // Postgres runs as another user where this runs as root, and must be able to walk in.
  await chmod(dataDir, 0o711);
  const callOff = cleanUpAfterThisProcess(dataDir);
  opened.push(async () => {
    await removeDataDir(dataDir);
    callOff();
  });
  const tools = readToolPlaces();
  const launcher = createEmbeddedPostgres({ dataDir, binDir: tools.postgresBin });
  const binary = queue === 'redis' ? await findRedis({ ...tools, now: Date.now }) : null;
  if (queue === 'redis' && binary === null) throw new Error('There is no redis-server; use --queue postgres.');
  const redisLauncher = binary === null ? null : createEmbeddedRedis({ dataDir, binary });
  opened.push(() => Promise.all([launcher.stop(), redisLauncher?.stop()]));
  const [runningPostgres, runningRedis] = await Promise.all([launcher.start(), redisLauncher?.start()]);
  await migrateToLatest(runningPostgres.url);
  if (queue === 'postgres') await migratePostgresQueue(runningPostgres.url);

  const postgres = await proxied(launcher, runningPostgres);
  const redis =
    redisLauncher === null || runningRedis === undefined ? null : await proxied(redisLauncher, runningRedis);
  opened.push(() => Promise.all([postgres.proxy.stop(), redis?.proxy.stop()]));
  const prefix = '{chaos}';
  const apiKey = `hdl_${randomBytes(32).toString('base64url')}`;
  const smallDisk = await mountSmallDisk(path.join(dataDir, 'small-disk'));
  if (smallDisk !== null) opened.push(() => promisify(execFile)('umount', [smallDisk]));
  const processes = createProjectProcesses();
  opened.push(() => processes.stopAll());
  const env = {
    DATABASE_URL: through(runningPostgres.url, postgres.proxy),
    ...(redis === null ? {} : { REDIS_URL: through(redis.url, redis.proxy), REDIS_PREFIX: prefix }),
    DATA_DIR: path.join(dataDir, 'files'),
    LOG_LEVEL: 'info',
    // One user starts everything.
    RUN_ACTIVE_PER_USER: '100000',
    ...settings,
  };
  const serverEnv = {
    ...env,
    BOOTSTRAP_EMAIL: 'owner@example.org',
    BOOTSTRAP_API_KEY: apiKey,
    API_RATE_BURST: '1000000',
    API_RATE_PER_SECOND: '1000000',
    RUN_START_BURST: '1000000',
    // Each graph is a workflow of its own.
    DATA_MAX_WORKFLOWS: '1000000',
    RUN_START_PER_MINUTE: '1000000',
    RUN_QUEUE_PER_USER: '1000000',
    RUN_QUEUE_TOTAL: '1000000',
  };
  const workerEnvOf = (index: number) =>
    index === 0 && smallDisk !== null
      ? { ...env, DATA_DIR: smallDisk, ASSETS_URL: `file://${path.join(dataDir, 'files', 'assets')}` }
      : env;

  const servers = await Promise.all(
    Array.from({ length: size.servers }, async (_, index) => {
      const port = await findFreePort();
      const program = { nodeArgs, entry: 'testing/probed-server-main.ts', env: { ...serverEnv, PORT: String(port) } };
      return Object.assign(supervise(processes, `server ${index}`, program), { url: `http://127.0.0.1:${port}` });
    }),
  );
  const workers = Array.from({ length: size.workers }, (_, index) =>
    supervise(processes, `worker ${index}`, {
      nodeArgs,
      entry: 'testing/probed-worker-main.ts',
      env: workerEnvOf(index),
    }),
  );
  opened.push(() => Promise.all([...workers, ...servers].map((supervised) => supervised.stop())));
  await Promise.all([...servers, ...workers].map((supervised) => supervised.ready()));

  return {
    dataDir,
    databaseUrl: runningPostgres.url,
    postgres,
    redis: redis === null ? null : { ...redis, prefix, folder: path.join(dataDir, 'redis') },
    servers,
    workers,
    smallDisk,
    apiKey,
    stopProcesses: async () => {
      const all = [...workers, ...servers];
      const codes = await Promise.all(all.map((supervised) => supervised.stop()));
      return all.filter((_, index) => codes[index] !== 0).map(({ name }, _index) => name);
    },
    tidyUp: async () => {
      for (const index of [0, 1]) {
        const worker = processes.start({ entry: 'testing/probed-worker-main.ts', env: workerEnvOf(index) });
        await worker.waitUntilReady();
        await worker.kill('SIGTERM');
      }
    },
  };
}

async function proxied(
  launcher: EmbeddedPostgres | EmbeddedRedis,
  running: { readonly url: string; readonly port: number; readonly pid: number },
): Promise<ProxiedService & { readonly url: string }> {
  const proxy = await startTcpProxy(running.port);
  let { pid } = running;
  return {
    url: running.url,
    proxy,
    break: async (signal, downMs, before) => {
      process.kill(pid, signal);
      await sleep(downMs);
      await before?.();
      for (let tries = 0; ; tries += 1) {
        try {
          const again = await launcher.start();
          if (again.port !== running.port) throw new Error(`It came back on port ${again.port}.`);
          ({ pid } = again);
          return;
        } catch (error) {
          // The launcher hears of the end a moment after the signal.
          if (tries === 20) throw error;
          await sleep(100);
        }
      }
    },
  };
}

function through(url: string, proxy: TcpProxy): string {
  const proxiedUrl = new URL(url);
  proxiedUrl.port = String(proxy.port);
  return proxiedUrl.href;
}

/** A disk of its own in memory; only root may make one. */
async function mountSmallDisk(folder: string): Promise<string | null> {
  await mkdir(folder);
  try {
    await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', `size=${smallDiskSize},mode=700`, 'none', folder]);
    return folder;
  } catch {
    await rm(folder, { recursive: true });
    process.stderr.write('SKIPPED the full disk: no small disk can be mounted here (it takes root).\n');
    return null;
  }
}

const takenSchema = z.object({ taken: z.object({ id: z.string(), attempt: z.number() }) });

function supervise(
  processes: ProjectProcesses,
  name: string,
  program: {
    readonly nodeArgs: readonly string[];
    readonly entry: string;
    readonly env: Readonly<Record<string, string>>;
  },
): SupervisedProcess {
  let current: ProjectProcess | null = null;
  let isStopped = false;
  let skewMs = 0;
  let downMs = restartMs;
  let output = '';
  const lives: ProcessLife[] = [];
  const taken: TakenAttempt[] = [];

  async function run(): Promise<void> {
    while (!isStopped) {
      const args = ['--tell-taken', ...(skewMs === 0 ? [] : [`--skew-ms=${skewMs}`])];
      const started = processes.start({
        ...program,
        args: program.entry.includes('worker') ? args : [],
        onPrinted: (line) => {
          const parsed = takenSchema.safeParse(line);
          if (parsed.success) taken.push({ ...parsed.data.taken, pid: started.pid, at: new Date() });
        },
      });
      current = started;
      const life: ProcessLife = { pid: started.pid, from: null, to: null };
      lives.push(life);
      started.waitUntilReady().then(
        () => void (life.from = new Date()),
        () => {},
      );
      await started.ended;
      life.to = new Date();
      current = null;
      output += started.output();
      const waitMs = downMs;
      downMs = restartMs;
      if (!isStopped) await sleep(waitMs);
    }
  }

  const running = run();
  return {
    name,
    ready: async () => {
      while (current === null && !isStopped) await sleep(10);
      await current?.waitUntilReady();
    },
    pid: () => current?.pid ?? null,
    lives,
    taken,
    setSkew: (ms) => {
      skewMs = ms;
    },
    kill: async (ms) => {
      downMs = ms;
      await current?.kill('SIGKILL');
    },
    drain: async () => {
      downMs = 0;
      await current?.kill('SIGTERM');
    },
    stop: async () => {
      isStopped = true;
      const end = await current?.kill('SIGTERM');
      await running;
      return end === undefined ? 0 : end.code;
    },
    output: () => output + (current?.output() ?? ''),
  };
}
