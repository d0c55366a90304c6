import { migrateToLatest } from '../../db/migrate.ts';
import { lockDataDir } from '../../embedded/data-dir-lock.ts';
import { createEmbeddedPostgres } from '../../embedded/postgres.ts';
import type { CliConfig } from '../config.ts';

/**
 * `heddle migrate`: brings the schema of DATABASE_URL, or of the embedded
 * database in DATA_DIR, up to date. Returns the names of what was applied.
 */
export async function migrate(config: CliConfig): Promise<readonly string[]> {
  if (config.databaseDirectUrl !== null) return await migrateToLatest(config.databaseDirectUrl);
  const lock = await lockDataDir(config.dataDir, () => new Date());
  const postgres = createEmbeddedPostgres({ dataDir: config.dataDir, binDir: config.postgresBin });
  try {
    const { url } = await postgres.start();
    return await migrateToLatest(url);
  } finally {
    await postgres.stop();
    await lock.release();
  }
}
