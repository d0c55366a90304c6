import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TerminalError } from '../../core/errors/app-error.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { lockDataDir } from '../../embedded/data-dir-lock.ts';
import { createEmbeddedPostgres } from '../../embedded/postgres.ts';
import { readOrCreateSecret } from '../../embedded/secret-file.ts';
import { childEnvironment, secretValues, type CliConfig } from '../config.ts';
import { endOrphanedChildren, openChildRecord } from './child-record.ts';
import { chooseHttpPort, localAddress } from './http-port.ts';
import { ownMachineLimits } from './own-machine-limits.ts';
import { chooseQueue } from './queue-choice.ts';
import { restartService } from './restart-service.ts';
import { supervisedRoleArguments, type Role } from './role-program.ts';
import { openStackLog } from './stack-log.ts';
import { createSupervisedChild, type SupervisedChild } from './supervised-child.ts';

interface StackOptions {
  readonly config: CliConfig;
  /** Shows one line of progress or trouble to the person at the terminal. */
  readonly say: (text: string) => void;
  /** Told when a part of the stack is lost for good; the stack should then be stopped. */
  readonly onLost: (reason: string) => void;
  /** More for server and worker than what `config` says. */
  readonly extraEnvironment?: Readonly<Record<string, string>>;
}

/** Where a stack that has started is found. */
export interface RunningStack {
  /** Where the server answers, for programs on this machine. */
  readonly url: string;
  /** A one-time link; null when the server made none. */
  readonly signInUrl: string | null;
  readonly database: string;
  readonly queue: string;
  readonly logFile: string;
}

/** A whole Heddle on this machine: Postgres, queue, server and one worker. */
export interface EmbeddedStack {
  /** Resolves when runs can be started. Rejects, with everything stopped again, when a part cannot start. */
  start(): Promise<RunningStack>;
  /** Ends worker, server, queue and Postgres, in this order; work in flight is finished first. */
  stop(): Promise<void>;
  /** Ends server and worker at once; the databases still write their data. */
  forceStop(): Promise<void>;
}

/** Loading a large Redis or recovering Postgres can take this long after a crash. */
const readyTimeoutMs = 60_000;
/** Between two looks at /readyz: quick to notice, little to do. */
const readyPollMs = 50;
/** Longer than either needs to end in order by itself: workers finish nodes of up to a minute. */
const graceMs: Readonly<Record<Role, number>> = { server: 40_000, worker: 75_000 };
/** What is left to do when the time for work in flight is over: closing connections. */
const drainMarginMs = 15_000;

/** Touches nothing before `start`; one start each. */
export function createEmbeddedStack(options: StackOptions): EmbeddedStack {
  const { config, say } = options;
  const logFile = join(config.dataDir, 'logs', 'heddle.log');
  const stopping = new AbortController();
  const opened: (() => Promise<void> | void)[] = [];
  const children: SupervisedChild[] = [];
  let starting: Promise<RunningStack> | undefined;
  let stopped: Promise<void> | undefined;

  async function open(): Promise<RunningStack> {
    const lock = await lockDataDir(config.dataDir, () => new Date());
    opened.push(() => lock.release());
    await endOrphanedChildren(config.dataDir);
    const log = openStackLog({ file: logFile, show: say, now: () => new Date() });
    opened.push(() => log.close());
    secretValues(config.environment).forEach((secret) => log.hide(secret));
    const note = (text: string): void => {
      log.write('heddle', text);
      say(text);
    };
    const port = await chooseHttpPort(config.port, config.host);
    stopping.signal.throwIfAborted();

    const [database, queue] = await startServices(note);
    log.hide(passwordOf(database.url));
    if (queue.url !== null) log.hide(passwordOf(queue.url));
    stopping.signal.throwIfAborted();
    const applied = await migrateToLatest(config.databaseDirectUrl ?? database.url);
    if (applied.length > 0) log.write('heddle', `migrations applied: ${applied.join(', ')}`);
    stopping.signal.throwIfAborted();

    let signInUrl: string | null = null;
    const record = openChildRecord(config.dataDir);
    opened.push(() => record.clear());
    const hasSecretsKey = ['SECRETS_KEY', 'SECRETS_KEY_FILE'].some((name) => Boolean(config.environment[name]));
    const secretsKey = hasSecretsKey ? null : await readOrCreateSecret(join(config.dataDir, 'secrets-key'));
    if (secretsKey !== null) log.hide(secretsKey);
    const environment = childEnvironment(config.environment, {
      ...ownMachineLimits(config.host, config.environment),
      ...(secretsKey === null ? {} : { SECRETS_KEY: secretsKey }),
      DATABASE_URL: database.url,
      ...(queue.url === null ? {} : { REDIS_URL: queue.url }),
      DATA_DIR: config.dataDir,
      ASSETS_URL: config.assetsUrl,
      HOST: config.host,
      PORT: String(port),
      EMBEDDED: '1',
      ...options.extraEnvironment,
    });
    const supervise = (role: Role): SupervisedChild =>
      createSupervisedChild({
        name: role,
        args: supervisedRoleArguments(role),
        environment,
        onLine: (line) => log.write(role, line),
        onMessage: (message) => {
          if (typeof message['signInUrl'] === 'string') signInUrl = message['signInUrl'];
        },
        onSpawn: (pid) => void record.note(role, pid),
        onCrash: (reason, delayMs) => note(`The ${role} ended (${reason}); it starts again in ${delayMs} ms.`),
        graceMs: Math.max(graceMs[role], config.drainMs + drainMarginMs),
      });
    const [server, worker] = [supervise('server'), supervise('worker')];
    children.push(server, worker);
    opened.push(
      () => server.stop(),
      () => worker.stop(),
    );
    const url = localAddress(config.host, port);
    await Promise.all([server.start(), worker.start()]);
    await waitUntilReady(url);
    return { url, signInUrl, database: database.title, queue: queue.title, logFile };
  }

  async function startServices(note: (text: string) => void) {
    const bringBack = (name: string, start: () => Promise<unknown>) => (reason: string) =>
      void restartService({ name, start, say: note, signal: stopping.signal, onGiveUp: options.onLost }, reason);

    const startDatabase = async () => {
      if (config.databaseUrl !== null) return { url: config.databaseUrl, title: 'Postgres given by DATABASE_URL' };
      const postgres = createEmbeddedPostgres({
        dataDir: config.dataDir,
        binDir: config.postgresBin,
        onUnexpectedExit: bringBack('Postgres', () => postgres.start()),
      });
      opened.push(() => postgres.stop());
      const { url } = await postgres.start();
      return { url, title: `built-in Postgres, in ${config.dataDir}` };
    };
    const startQueue = async () => {
      const { title, redis } = await chooseQueue(
        config,
        bringBack('Redis', async () => await redis?.start()),
        stopping.signal,
      );
      if (redis === undefined) return { url: config.redisUrl, title };
      opened.push(() => redis.stop());
      const { url } = await redis.start();
      return { url, title };
    };
    // Both to their end, so that nothing is still starting while a failure of the other is cleaned up.
    const [database, queue] = await Promise.allSettled([startDatabase(), startQueue()]);
    if (database.status === 'rejected') throw database.reason;
    if (queue.status === 'rejected') throw queue.reason;
    return [database.value, queue.value] as const;
  }

  async function waitUntilReady(url: string): Promise<void> {
    const deadline = performance.now() + readyTimeoutMs;
    let answer = 'no answer';
    while (performance.now() < deadline) {
      stopping.signal.throwIfAborted();
      const response = await fetch(new URL('/readyz', url)).catch(() => undefined);
      if (response?.ok) return;
      if (response !== undefined) answer = `${response.status} ${await response.text()}`;
      await sleep(readyPollMs);
    }
    throw new TerminalError(
      'EMBEDDED_START_FAILED',
      `The server at ${url} did not become ready: ${answer}. See ${logFile}.`,
    );
  }

  async function closeAll(): Promise<void> {
    for (const close of opened.splice(0).toReversed()) {
      await Promise.resolve(close()).catch((error: unknown) => say(`A part did not stop cleanly: ${String(error)}`));
    }
  }

  async function stop(): Promise<void> {
    stopping.abort(new Error('The start was interrupted.'));
    await starting?.catch(() => {});
    await closeAll();
  }

  return {
    start() {
      starting = open().catch(async (error: unknown) => {
        await closeAll();
        throw error;
      });
      return starting;
    },
    stop: () => (stopped ??= stop()),
    forceStop() {
      children.forEach((child) => child.kill());
      return (stopped ??= stop());
    },
  };
}

function passwordOf(url: string): string {
  return URL.canParse(url) ? decodeURIComponent(new URL(url).password) : '';
}
