import { spawn } from 'node:child_process';
import { projectRoot } from './project.mjs';

/**
 * Runs a command in the foreground and resolves with its exit code (128 + the
 * signal's number when a signal ended it, as shells count). Ctrl-C reaches it
 * through the terminal, SIGTERM is passed on; this process waits for its end.
 */
export function runInForeground(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd ?? projectRoot,
      stdio: 'inherit',
      env: { ...process.env, ...options.env },
      shell: options.shell ?? false,
    });
    const ignore = () => {};
    const passOn = (signal) => child.kill(signal);
    process.on('SIGINT', ignore);
    process.on('SIGTERM', passOn);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', ignore);
      process.off('SIGTERM', passOn);
      resolve(code ?? 128 + (signalNumbers[signal] ?? 15));
    });
  });
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
