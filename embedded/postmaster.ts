import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive, readCommandLine, endProcess } from './process-info.ts';

/** A fast shutdown writes one checkpoint; 30 s is far more than the memory of this cluster needs on a slow disk. */
export const fastShutdownMs = 30_000;

/**
 * Ends the Postgres that a killed parent left running on `clusterDir`, and
 * removes the pid file of one that is gone. A pid that now belongs to another
 * program is left alone. Returns the pid of the Postgres it ended.
 */
export async function endOrphanedPostgres(clusterDir: string): Promise<number | undefined> {
  const pidFile = join(clusterDir, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const pid = Number(text.split('\n')[0]);
  if (Number.isInteger(pid) && pid > 1 && (await isProcessAlive(pid)) && (await runsOn(pid, clusterDir))) {
    // SIGINT asks Postgres for its fast shutdown: clients are dropped, data are written.
    await endProcess(pid, 'SIGINT', fastShutdownMs);
    await rm(pidFile, { force: true });
    return pid;
  }
  // Postgres itself would refuse to start when the pid was given to another process of the same user, or is a zombie's.
  await rm(pidFile, { force: true });
  return undefined;
}

async function runsOn(pid: number, clusterDir: string): Promise<boolean> {
  const command = await readCommandLine(pid);
  if (!command.includes('postgres')) return false;
  return command.includes(clusterDir) || command.includes(await realpath(clusterDir));
}
