import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from './processes.ts';

/**
 * Sees to it that the services of `dataDir` end and the folder goes when this process is killed. Needs the compiled
 * programs. Returns what calls it off, for after an orderly stop.
 */
export function cleanUpAfterThisProcess(dataDir: string): () => void {
  const child = spawn(process.execPath, [join(projectRoot, 'dist', 'testing', 'clean-up-main.js'), dataDir], {
    // A group of its own: what is sent to the terminal's group must not end it, too.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.unref();
  child.channel?.unref();
  return () => void child.kill('SIGKILL');
}
