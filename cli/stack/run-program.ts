import { spawn } from 'node:child_process';
import type { Environment } from '../../config/environment.ts';

/** Runs a program of Node in the foreground, passes signals on, and returns its exit code. */
export function runProgram(args: readonly string[], environment: Environment): Promise<number> {
  return new Promise((resolve, reject) => {
    // A process group of its own: the terminal's Ctrl-C then comes once, passed on from here.
    const child = spawn(process.execPath, args, { stdio: 'inherit', env: environment, detached: true });
    const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    signals.forEach((signal) => process.on(signal, passOn));
    child.once('error', reject);
    child.once('close', (code) => {
      signals.forEach((signal) => process.off(signal, passOn));
      resolve(code ?? 1);
    });
  });
}
