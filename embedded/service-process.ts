import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLogFile } from './log-file.ts';
import type { ServiceUser } from './unprivileged-user.ts';

/** Pause between two looks at a starting service: short against the 50 ms that a start takes. */
const pollMs = 20;

interface LaunchOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Gets what the service prints. */
  readonly logFile: string;
  /** The user to run as; only root may set it. */
  readonly user?: ServiceUser;
}

/**
 * Starts a service in a process group of its own, so that Ctrl-C in a terminal
 * does not reach it before its clients have ended. Rejects when the program
 * cannot be run.
 */
export async function launchService(options: LaunchOptions): Promise<ChildProcess> {
  const log = await openLogFile(options.logFile);
  try {
    const child = spawn(options.file, options.args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      uid: options.user?.uid,
      gid: options.user?.gid,
    });
    await new Promise<void>((done, fail) => child.once('spawn', done).once('error', fail));
    return child;
  } finally {
    await log.close();
  }
}

/** True once the process has ended. */
export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** How a process ended, in words. */
export function describeEnd(child: ChildProcess): string {
  return child.signalCode ?? `exit code ${child.exitCode}`;
}

/** Calls `ended` when the process ends, also when it has ended already. */
export function onEnd(child: ChildProcess, ended: () => void): void {
  if (hasEnded(child)) ended();
  else child.once('exit', ended);
}

/**
 * Asks `probe` again and again until it does not throw. Rejects when the
 * process ends, or with the last error when `timeoutMs` are over.
 */
export async function waitUntilAnswering(
  child: ChildProcess,
  timeoutMs: number,
  probe: () => Promise<void>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (hasEnded(child)) throw new Error(`it ended with ${describeEnd(child)}.`);
    try {
      return await probe();
    } catch (error) {
      if (error instanceof ProbeRefused || performance.now() > deadline) throw error;
    }
    await sleep(pollMs);
  }
}

/** Thrown by a probe when waiting longer cannot help. */
export class ProbeRefused extends Error {}

/** Sends `signal`, then `force` when the process is still there after `graceMs`; resolves when it has ended. */
export async function endService(
  child: ChildProcess,
  signal: NodeJS.Signals,
  graceMs: number,
  force: NodeJS.Signals,
): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill(force), graceMs);
  await ended;
  clearTimeout(timer);
}
