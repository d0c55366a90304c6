import { chmod, mkdtemp, readdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive, readCommandLine } from '../embedded/process-info.ts';
import { removeDataDir } from '../embedded/remove-data-dir.ts';

const prefix = 'heddle-test-';
/** Tests and benches, by their command line: a number of a process that is gone may be that of any other. */
const ofOurs = /jest|heddle|\bdist[/\\](?:bench|testing)[/\\]/;

/** Linux's file system in memory: a database is some hundreds of files, and a run makes some hundreds of databases. */
const memory = '/dev/shm';
/** A whole run needs a third of it; a container often has 64 MB. */
const memoryNeeded = 3 * 1_024 ** 3;

/** A temporary DATA_DIR, in memory where there is plenty; its name tells which process it belongs to. */
export async function makeServiceFolder(): Promise<string> {
  const place = (await hasPlenty()) ? memory : tmpdir();
  const folder = await mkdtemp(join(place, `${prefix}${process.pid}-`));
  // Postgres runs as another user when the tests run as root, and must be able to walk in.
  await chmod(folder, 0o711);
  return folder;
}

async function hasPlenty(): Promise<boolean> {
  const system = await statfs(memory).catch(() => null);
  return system !== null && system.bavail * system.bsize >= memoryNeeded && process.availableMemory() >= memoryNeeded;
}

/** Removes the folders and services that killed test runs left behind. */
export async function removeAbandonedFolders(): Promise<void> {
  for (const place of [tmpdir(), memory]) await removeAbandonedOf(place);
}

async function removeAbandonedOf(place: string): Promise<void> {
  for (const name of await readdir(place).catch(() => [])) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined) continue;
    const inUse = (await isProcessAlive(Number(owner))) && ofOurs.test(await readCommandLine(Number(owner)));
    if (!inUse) await removeDataDir(join(place, name)).catch(() => {});
  }
}
