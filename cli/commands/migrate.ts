import { migrateToLatest } from '../../db/migrate.ts';
import type { CliConfig } from '../config.ts';
import { withDatabase } from '../stack/with-database.ts';

/**
 * `heddle migrate`: brings the schema of DATABASE_URL, or of the embedded
 * database in DATA_DIR, up to date. Returns the names of what was applied.
 */
export async function migrate(config: CliConfig): Promise<readonly string[]> {
  return await withDatabase(config, migrateToLatest);
}
