import { spawn } from 'node:child_process';
import { roleArguments, type Role } from '../stack/role-program.ts';
import type { Environment } from '../../config/environment.ts';

/**
 * `heddle server` and `heddle worker`: one role in the foreground, for
 * installations with Postgres and Redis of their own. Signals are passed on.
 * Returns its exit code.
 */
export function runRole(role: Role, environment: Environment): Promise<number> {
  return new Promise((resolve, reject) => {
    // A process group of its own: the terminal's Ctrl-C then comes once, passed on from here.
    const child = spawn(process.execPath, roleArguments(role), { stdio: 'inherit', env: environment, detached: true });
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
