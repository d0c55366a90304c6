import { chmod, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive, readCommandLine } from '../embedded/process-info.ts';
import { removeDataDir } from '../embedded/remove-data-dir.ts';

const prefix = 'heddle-test-';

/** A temporary DATA_DIR; its name tells which process it belongs to. */
export async function makeServiceFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  // Postgres runs as another user when the tests run as root, and must be able to walk in.
  await chmod(folder, 0o711);
  return folder;
}

/** Removes the folders and services that killed test runs left behind. */
export async function removeAbandonedFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined) continue;
    const inUse = (await isProcessAlive(Number(owner))) && /jest|heddle/.test(await readCommandLine(Number(owner)));
    if (!inUse) await removeDataDir(join(tmpdir(), name)).catch(() => {});
  }
}
