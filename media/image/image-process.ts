import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RetryableError } from '../../core/errors/app-error.ts';
import type { ImageReply, ImageRequest } from './tasks.ts';

/** One image process. It takes one request at a time. */
export interface ImageProcess {
  readonly pid: number;
  /** False once the process has ended or was killed. */
  isAlive(): boolean;
  /** Processor time so far; zero where the system does not say. */
  cpuMs(): Promise<number>;
  /** Rejects with a RetryableError MEDIA_TOOL_FAILED where the process ends instead of answering. */
  send(request: ImageRequest): Promise<ImageReply>;
  /** Kills the process; resolves when it is gone. */
  kill(): Promise<void>;
}

/** The heap holds messages only, pixels are native memory: more than this is a leak. */
const maxHeapMb = 64;

/** Linux counts processor time for programs in hundredths of a second, whatever its own clock does. */
const msPerTick = 10;

/**
 * How the processes take memory of glibc. What an encoder holds of a usual photo comes out of one heap that keeps it for the
 * next task: fresh pages from the system would take a tenth of the time. Larger pieces, among them the pixels that
 * JavaScript sees, lie beside it and are given back as soon as nobody has them.
 */
const allocation: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: String(27 * 1_048_576),
  MALLOC_TRIM_THRESHOLD_: String(256 * 1_048_576),
};

/**
 * Starts an image process. Its environment is empty but for `env`: the process
 * reads untrusted bytes and needs no secret.
 */
export function startImageProcess(env: Readonly<Record<string, string>>): ImageProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(isSource ? './entry.ts' : './entry.js', import.meta.url));
  const child = fork(entry, [], {
    execArgv: [
      `--max-old-space-size=${maxHeapMb}`,
      '--expose-gc',
      ...(isSource ? ['--import', typeScriptLoader()] : []),
    ],
    env: { ...allocation, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
  });
  const stderr = tailOf(child);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    // More than one may come, for example from a message that could not be sent.
    child.on('error', () => resolve());
  });
  let isAlive = true;
  void ended.then(() => {
    isAlive = false;
  });

  return {
    pid: child.pid ?? -1,
    isAlive: () => isAlive,
    cpuMs: () => cpuMsOf(child.pid),
    async send(request) {
      const reply = new Promise<ImageReply>((resolve) =>
        child.once('message', (message) => resolve(message as ImageReply)),
      );
      // A failed send is followed by the end of the process, which is what is waited for.
      child.send(request, () => undefined);
      const outcome = await Promise.race([reply, ended]);
      if (outcome !== undefined) return outcome;
      throw new RetryableError(
        'MEDIA_TOOL_FAILED',
        `The process that decodes images ended in the middle of its work (${endOf(child)}). Try again, or use another image.`,
        { details: { stderr: stderr() } },
      );
    },
    async kill() {
      isAlive = false;
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The module that lets Node read TypeScript; only a checkout that runs from its sources gets here. */
function typeScriptLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}

async function cpuMsOf(pid: number | undefined): Promise<number> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses that may hold anything; utime and stime are the 14th and 15th.
    const [utime = 0, stime = 0] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    return (utime + stime) * msPerTick;
  } catch {
    return 0;
  }
}

/** Keeps the end of what the process says: enough for one native error message. */
function tailOf(child: ChildProcess): () => string {
  const maxLength = 2_000;
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-maxLength);
  });
  return () => text;
}

function endOf(child: ChildProcess): string {
  return child.signalCode === null ? `exit code ${child.exitCode}` : `signal ${child.signalCode}`;
}
