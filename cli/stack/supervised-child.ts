import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { Environment } from '../../config/environment.ts';
import { servicesAway } from '../../config/end-of-program.ts';

/** A line of JSON that a child prints for its parent. */
export type ChildLine = Readonly<Record<string, unknown>>;

interface SupervisedChildOptions {
  /** For messages: "server", "worker". */
  readonly name: string;
  /** Arguments for Node. */
  readonly args: readonly string[];
  readonly environment: Environment;
  /** Gets every line of stdout and stderr, except the ones that are for the parent. */
  readonly onLine: (line: string) => void;
  /** Gets each `{"ready":true,...}` and `{"signInUrl":...}`. */
  readonly onMessage: (message: ChildLine) => void;
  /** Told of every new process. */
  readonly onSpawn: (pid: number) => void;
  /** Told when the child has crashed and is started again in `delayMs`. */
  readonly onCrash: (reason: string, delayMs: number) => void;
  /** Milliseconds that stop() waits after SIGTERM before it kills. */
  readonly graceMs: number;
  /** First pause before a restart; it doubles up to thirty seconds. Default 500 ms. */
  readonly firstDelayMs?: number;
  /** Who has worked for so long after it was ready had no fault at start: the pauses begin anew. Default 10,000 ms. */
  readonly healthyAfterMs?: number;
}

/** A process that is started again whenever it crashes. */
export interface SupervisedChild {
  /** Resolves when the child is ready for the first time; rejects, with its last lines, when it ends before. */
  start(): Promise<void>;
  /** SIGTERM, then SIGKILL after the grace; resolves when it has ended. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

const longestDelayMs = 30_000;
const defaultHealthyAfterMs = 10_000;
/** Its last lines may come after its end; what it started may keep its output open much longer than that. */
const lastLinesMs = 1_000;
/** Enough to hold the whole complaint of a process that refuses to start. */
const keptLines = 20;

/** Starts nothing before `start`. */
export function createSupervisedChild(options: SupervisedChildOptions): SupervisedChild {
  const { firstDelayMs = 500, healthyAfterMs = defaultHealthyAfterMs } = options;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  let delayMs = firstDelayMs;
  let ended: Promise<void> = Promise.resolve();

  function launch(onReady: () => void, onEnd: (reason: string, lastLines: readonly string[]) => void): void {
    let readyAt = Number.POSITIVE_INFINITY;
    // A process group of its own: Ctrl-C must reach it through stop() alone, worker before server.
    const started = spawn(process.execPath, options.args, {
      env: options.environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = started;
    if (started.pid !== undefined) options.onSpawn(started.pid);
    let saidAway = false;
    started.on('message', (message) => {
      saidAway ||= message === servicesAway;
    });
    const lastLines: string[] = [];
    const take = (line: string): void => {
      const message = parseMessage(line);
      if (message === undefined) {
        lastLines.push(line);
        if (lastLines.length > keptLines) lastLines.shift();
        options.onLine(line);
        return;
      }
      options.onMessage(message);
      if (message['ready'] !== true) return;
      readyAt = performance.now();
      onReady();
    };
    for (const stream of [started.stdout, started.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', take);
    }
    ended = new Promise((resolve) => {
      let settled = false;
      const settle = (reason: string): void => {
        if (settled) return;
        settled = true;
        child = undefined;
        // The services that it waited for were away, or it worked well until somebody ended it.
        const isBlameless = saidAway || performance.now() - readyAt >= healthyAfterMs;
        if (isBlameless) delayMs = firstDelayMs;
        resolve();
        onEnd(reason, lastLines);
      };
      const reasonOf = (code: number | null, signal: string | null) => signal ?? `exit code ${code}`;
      started.once('close', (code, signal) => settle(reasonOf(code, signal)));
      started.once('exit', (code, signal) => {
        setTimeout(() => settle(reasonOf(code, signal)), lastLinesMs).unref();
      });
      started.once('error', (error) => settle(error.message));
    });
  }

  function relaunch(reason: string): void {
    if (isStopping) return;
    options.onCrash(reason, delayMs);
    timer = setTimeout(() => launch(() => {}, relaunch), delayMs);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }

  return {
    start: () =>
      new Promise((resolve, reject) => {
        let isReady = false;
        const onReady = (): void => {
          isReady = true;
          resolve();
        };
        launch(onReady, (reason, lastLines) => {
          if (isReady) relaunch(reason);
          else {
            const words = `The ${options.name} did not start (${reason}):\n${lastLines.join('\n')}`;
            reject(new TerminalError('EMBEDDED_START_FAILED', words));
          }
        });
      }),
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      const current = child;
      if (current === undefined) return;
      current.kill('SIGTERM');
      const force = setTimeout(() => killGroup(current), options.graceMs);
      await ended;
      clearTimeout(force);
    },
    kill() {
      isStopping = true;
      clearTimeout(timer);
      if (child !== undefined) killGroup(child);
    },
  };
}

/** Ends a child with all that it has started, which would go on without it. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Not every system knows groups of processes.
    child.kill('SIGKILL');
  }
}

function parseMessage(line: string): ChildLine | undefined {
  if (!line.startsWith('{"ready"') && !line.startsWith('{"signInUrl"')) return undefined;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
