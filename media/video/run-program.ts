import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

/** What a program may take before it is killed. */
export interface ProgramLimits {
  /** Wall clock in ms. */
  readonly timeoutMs: number;
  /** Resident memory in bytes; watched on Linux. */
  readonly maxRssBytes: number;
  /** Characters (or bytes) of output that are taken; a program that says more is killed. */
  readonly maxOutputLength: number;
}

/** Readers of what a program says, piece by piece as it comes; output that has a reader is not kept. */
export interface ProgramReaders {
  readonly stdout?: (piece: string) => void;
  readonly stderr?: (piece: string) => void;
  /** The output as it is, in place of `stdout`. */
  readonly bytes?: (piece: Buffer) => void;
}

type ProgramOutcome =
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'timeout' | 'memory' | 'output' }
  | { readonly kind: 'not-started'; readonly reason: string };

/** End of the error output that is kept: ffmpeg's last words fit. */
const stderrLength = 4_000;

/** Below everything that answers users. */
const niceness = 10;

/** Often enough to stop a program before it has filled a machine, rare enough to cost nothing. */
const memoryCheckMs = 250;

/**
 * Runs a program in a process group of its own with an empty environment and
 * no input. Whatever ends the wait (abort, time, memory, output) kills the
 * whole group, and the promise settles only when the program is gone. Rejects
 * with the signal's reason on an abort; everything else is an outcome.
 */
export async function runProgram(
  command: readonly string[],
  limits: ProgramLimits,
  signal: AbortSignal,
  { readers = {}, cwd }: { readonly readers?: ProgramReaders; readonly cwd?: string } = {},
): Promise<ProgramOutcome> {
  signal.throwIfAborted();
  const [program = '', ...args] = command;
  let child: ChildProcess;
  try {
    // A group of its own, so that one signal reaches whatever the program starts.
    child = spawn(program, args, {
      detached: true,
      env: {},
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      cwd,
    });
  } catch (error) {
    return { kind: 'not-started', reason: error instanceof Error ? error.message : String(error) };
  }

  return new Promise<ProgramOutcome>((resolve, reject) => {
    let stdout = '';
    let outputLength = 0;
    let stderr = '';
    let verdict: 'timeout' | 'memory' | 'output' | 'aborted' | null = null;
    let startError: Error | null = null;

    const stop = (reason: NonNullable<typeof verdict>) => {
      verdict ??= reason;
      killGroup(child);
    };
    const onAbort = () => stop('aborted');
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => stop('timeout'), limits.timeoutMs);
    const memoryTimer = setInterval(() => {
      void residentBytes(child.pid).then((bytes) => {
        if (bytes > limits.maxRssBytes) stop('memory');
      });
    }, memoryCheckMs);

    if (readers.bytes === undefined) child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (chunk: string | Buffer) => {
      outputLength += chunk.length;
      if (outputLength > limits.maxOutputLength) stop('output');
      // What comes after the verdict is of no interest.
      else if (typeof chunk !== 'string') readers.bytes?.(chunk);
      else if (readers.stdout !== undefined) readers.stdout(chunk);
      else stdout += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-stderrLength);
      readers.stderr?.(chunk);
    });
    child.on('spawn', () => lowerPriority(child.pid));
    child.on('error', (error) => {
      startError = error;
    });
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      clearInterval(memoryTimer);
      signal.removeEventListener('abort', onAbort);
      if (verdict === 'aborted') reject(signal.reason);
      else if (verdict !== null) resolve({ kind: verdict });
      else if (startError !== null && child.pid === undefined) {
        resolve({ kind: 'not-started', reason: startError.message });
      } else resolve({ kind: 'ended', exitCode, stdout, stderr });
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No groups on this platform, or the group is gone already.
    child.kill('SIGKILL');
  }
}

function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, niceness);
  } catch {
    // The program has ended already, or the system does not allow it; it then runs as it is.
  }
}

/** Zero where the system does not say. */
async function residentBytes(pid: number | undefined): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
