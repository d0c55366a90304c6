import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from './processes.ts';

const run = promisify(execFile);

/**
 * Compiles what tests start as processes of their own: compiled, a process is up
 * in a second; from source it takes several. A moment when nothing has changed.
 */
export async function compilePrograms(): Promise<void> {
  const compiler = path.join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    await run(process.execPath, [compiler, '-b', 'server', 'worker', 'cli', 'testing'], { cwd: projectRoot });
  } catch (error) {
    throw new Error(`The programs do not compile:\n${(error as { stdout?: string }).stdout ?? String(error)}`);
  }
}
