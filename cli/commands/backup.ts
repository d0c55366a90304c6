import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { openAssetStore } from '../../assets/open-asset-store.ts';
import { createWorkDirs } from '../../assets/work-dirs.ts';
import { readVersion } from '../../config/version.ts';
import { TerminalError, toAppError } from '../../core/errors/app-error.ts';
import { restoreBackup } from '../backup/restore-backup.ts';
import { writeBackup } from '../backup/write-backup.ts';
import type { CliConfig } from '../config.ts';
import { withDatabase } from '../stack/with-database.ts';

interface BackupCommandOptions {
  readonly config: CliConfig;
  readonly folder: string;
  readonly say: (text: string) => void;
}

/** `heddle backup`: saves database and files into a folder. Returns 1 when files that rows refer to were not there. */
export async function backup({ config, folder, say }: BackupCommandOptions): Promise<number> {
  const store = await openAssetStore(config);
  try {
    return await withDatabase(config, async (databaseUrl) => {
      const now = () => new Date();
      const result = await writeBackup({
        databaseUrl,
        store,
        folder: resolve(folder),
        version: readVersion(),
        now,
        say,
      });
      say(`saved ${result.rows} rows and ${result.files} files.`);
      for (const sha256 of result.missing) say(`missing or damaged in the store: ${sha256}`);
      return result.missing.length === 0 ? 0 : 1;
    });
  } finally {
    await store.stop();
  }
}

/**
 * `heddle restore`: brings a backup into an empty installation. Files are put
 * together in DATA_DIR, which has room for them; the folder for temporary files
 * may be a small one in memory.
 */
export async function restore({ config, folder, say }: BackupCommandOptions): Promise<void> {
  const root = join(config.dataDir, 'work');
  const work = createWorkDirs({ root, hostname: hostname(), pid: process.pid, now: Date.now }).open();
  const store = await openAssetStore(config);
  try {
    await store.start();
    await withDatabase(config, async (databaseUrl) => {
      const options = { databaseUrl, store, folder: resolve(folder), workFolder: work.path, say };
      const { rows, files } = await restoreBackup(options);
      say(`restored ${rows} rows and ${files} files.`);
    });
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    const { code, message } = toAppError(error);
    throw new TerminalError(code, `Nothing was restored; the database has no row of it. ${message}`, { cause: error });
  } finally {
    await store.stop();
    await work.dispose();
  }
}
