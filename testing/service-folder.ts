import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locatePostgresHome } from '../embedded/postgres-home.ts';
import { endOrphanedPostgres } from '../embedded/postmaster.ts';
import { isProcessAlive, readCommandLine } from '../embedded/process-info.ts';
import { endOrphanedRedis } from '../embedded/redis.ts';

const prefix = 'heddle-test-';

/** A temporary DATA_DIR; its name tells which process it belongs to. */
export async function makeServiceFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  // Postgres runs as another user when the tests run as root, and must be able to walk in.
  await chmod(folder, 0o711);
  return folder;
}

/** Ends what still runs on the folder and deletes it with everything that belongs to it. */
export async function removeServiceFolder(folder: string): Promise<void> {
  const home = await locatePostgresHome(folder);
  await endOrphanedPostgres(join(home, 'data'));
  await endOrphanedRedis(folder);
  await rm(home, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}

/** Removes the folders and services that killed test runs left behind. */
export async function removeAbandonedFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined) continue;
    const inUse = (await isProcessAlive(Number(owner))) && /jest|heddle/.test(await readCommandLine(Number(owner)));
    if (!inUse) await removeServiceFolder(join(tmpdir(), name)).catch(() => {});
  }
}
