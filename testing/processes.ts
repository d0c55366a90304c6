import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readBundledPrograms, readChildEnvironment } from './config.ts';

/** The folder of the project, seen from the sources as well as from the compiled files in dist. */
export const projectRoot = ((above) => (basename(above) === 'dist' ? dirname(above) : above))(
  dirname(dirname(fileURLToPath(import.meta.url))),
);

/** Starting takes some seconds, on a machine that does fifty things at once minutes; what hangs ends before its test would. */
const readyTimeoutMs = 270_000;
/** A process that drains longer than this in a test hangs. */
const stopTimeoutMs = 60_000;

export interface ProcessOptions {
  /** The file to run, from the folder of the project, such as `server/main.ts`. It runs compiled. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** Added to PATH, HOME and the places of programs; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the folder of the project. */
  readonly cwd?: string;
  /** Hears of the lines of JSON as they are printed. */
  readonly onPrinted?: (line: PrintedLine) => void;
}

/** A line of JSON that a process printed. */
export type PrintedLine = Readonly<Record<string, unknown>>;

export interface ProjectProcess {
  readonly pid: number;
  /** Resolves with the line `{"ready":true,...}`; rejects with all output when the process ends before or takes too long. */
  waitUntilReady(): Promise<PrintedLine>;
  /** Resolves when `text` was printed; rejects like waitUntilReady. */
  waitForOutput(text: string): Promise<void>;
  /** Everything printed so far, stdout and stderr. */
  output(): string;
  /** Sends the signal and resolves when the process has ended. */
  kill(signal: NodeJS.Signals): Promise<ProcessEnd>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<ProcessEnd>;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts real processes of the project; stopAll() ends those that still run. */
export interface ProjectProcesses {
  start(options: ProcessOptions): ProjectProcess;
  /** SIGTERM, then SIGKILL after ten seconds. Call it in `afterAll` or `afterEach`. */
  stopAll(): Promise<void>;
}

export function createProjectProcesses(): ProjectProcesses {
  const running = new Set<ProjectProcess>();
  return {
    start(options) {
      const started = startProcess(options);
      running.add(started);
      void started.ended.then(() => running.delete(started));
      return started;
    },
    async stopAll() {
      await Promise.all([...running].map(stopGently));
    },
  };
}

/** Where the compiler puts a file, from the folder of the project. */
const compiled = (entry: string) => join('dist', entry.replace(/\.ts$/, '.js'));
/** The program as the global setup has bundled it, else as it was compiled. */
function programOf(entry: string): string {
  const bundles = readBundledPrograms();
  const bundled = bundles === undefined ? undefined : join(bundles, entry.replace(/\.ts$/, '.js'));
  return bundled !== undefined && existsSync(bundled) ? bundled : compiled(entry);
}
const dieWithParent = pathToFileURL(join(projectRoot, compiled('testing/die-with-parent.ts'))).href;

function startProcess(options: ProcessOptions): ProjectProcess {
  const child = spawn(
    process.execPath,
    [
      ...['--import', dieWithParent, ...(options.nodeArgs ?? [])],
      ...[programOf(options.entry), ...(options.args ?? [])],
    ],
    {
      cwd: options.cwd ?? projectRoot,
      env: { ...readChildEnvironment(), ...options.env },
      // The channel is what tells it that this process is gone.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const { stdout, stderr } = child;
  // Both are pipes, as said above; the types of a process with a channel do not know it.
  if (stdout === null || stderr === null) throw new Error(`${options.entry} has no output.`);
  let output = '';
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => {
      output += `${error.message}\n`;
      resolve({ code: null, signal: null });
    });
  });
  stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ready = new Promise<PrintedLine>((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      output += `${line}\n`;
      const parsed = parseLine(line);
      if (parsed === undefined) return;
      options.onPrinted?.(parsed);
      if (parsed['ready'] === true) resolve(parsed);
    });
  });

  return {
    pid: child.pid ?? 0,
    ended,
    output: () => output,
    waitUntilReady: () => withinTime(ready, ended, options.entry, () => output),
    async waitForOutput(text) {
      const printed = new Promise<void>((resolve) => {
        const look = (): void => {
          if (output.includes(text)) resolve();
        };
        stdout.on('data', look);
        stderr.on('data', look);
        look();
      });
      await withinTime(printed, ended, options.entry, () => output);
    },
    async kill(signal) {
      child.kill(signal);
      return await ended;
    },
  };
}

function withinTime<Result>(
  awaited: Promise<Result>,
  ended: Promise<ProcessEnd>,
  entry: string,
  output: () => string,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`${entry} ${reason}. It printed:\n${output()}`));
    const timer = setTimeout(() => fail(`was not ready within ${readyTimeoutMs} ms`), readyTimeoutMs);
    void awaited.then((result) => {
      clearTimeout(timer);
      resolve(result);
    });
    void ended.then(({ code, signal }) => {
      clearTimeout(timer);
      fail(`ended with ${signal ?? code} before it was ready`);
    });
  });
}

async function stopGently(child: ProjectProcess): Promise<void> {
  const timer = setTimeout(() => void child.kill('SIGKILL'), stopTimeoutMs);
  await child.kill('SIGTERM');
  clearTimeout(timer);
}

function parseLine(line: string): PrintedLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
