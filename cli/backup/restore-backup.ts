import { copyFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { AssetStore } from '../../assets/asset-store.ts';
import { contentKey } from '../../assets/blob-key.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { loadDatabase } from '../../db/backup/load.ts';
import { parseManifest } from './manifest.ts';
import { readManifestText, verifyBackup } from './write-backup.ts';

interface RestoreOptions {
  readonly databaseUrl: string;
  readonly store: AssetStore;
  readonly folder: string;
  /** Where each file is put together before the store takes it; on the disk of the store it saves a copy. */
  readonly workFolder: string;
  readonly say: (text: string) => void;
}

/**
 * Restores a backup into an empty installation. Everything is read once and
 * compared with its hash before anything is written; the rows count from the
 * moment when all files are in the store.
 */
export async function restoreBackup(options: RestoreOptions): Promise<{ rows: number; files: number }> {
  const { folder, store, say, databaseUrl, workFolder } = options;
  const text = await readManifestText(folder);
  if (text === null) {
    throw new TerminalError('BACKUP_INVALID', `${folder} is not a complete backup: it has no manifest.json.`);
  }
  const manifest = parseManifest(text);
  say(`checking the backup of ${manifest.createdAt} (version ${manifest.version}) ...`);
  const damaged = await verifyBackup(folder, manifest);
  if (damaged.length > 0) {
    throw new TerminalError(
      'BACKUP_INVALID',
      `The backup is damaged, nothing was restored: ${damaged.slice(0, 5).join(', ')}${damaged.length > 5 ? ' ...' : ''}.`,
    );
  }
  await loadDatabase(databaseUrl, {
    migrations: manifest.migrations,
    tables: manifest.tables,
    // The end of a broken stream reaches whoever reads the other one.
    read: ({ name }) => pipeline(createReadStream(join(folder, 'tables', `${name}.gz`)), createGunzip(), () => {}),
    beforeCommit: () => putContents(folder, store, workFolder, manifest.contents),
  });
  return { rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0), files: manifest.contents.length };
}

async function putContents(
  folder: string,
  store: AssetStore,
  workFolder: string,
  contents: readonly string[],
): Promise<void> {
  for (const sha256 of contents) {
    const key = contentKey(sha256);
    const file = join(workFolder, sha256);
    // The store takes the file it is given; the backup keeps its own.
    await copyFile(join(folder, key), file);
    await store.put(key, file);
  }
}
