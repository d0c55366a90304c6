import { Migrator } from 'kysely';
import { migrations } from '../migrations/list.ts';
import { openDatabase, type Db } from './client.ts';

/**
 * Brings the schema up to date and returns the names of the migrations that
 * were applied now. Safe to call from several processes at once: an advisory
 * lock lets one through, the others then find nothing to do.
 *
 * Throws the first error; a failing migration leaves the schema as it was.
 */
export async function migrate(db: Db): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error(String(error));
  return (results ?? []).map((result) => result.migrationName);
}

/** The same for a connection string, with a connection of its own. */
export async function migrateToLatest(url: string): Promise<readonly string[]> {
  const { db, stop } = openDatabase(url, { poolSize: 2, applicationName: 'heddle-migrate', onError: () => {} });
  try {
    return await migrate(db);
  } finally {
    await stop();
  }
}

/** Names of the migrations that this build knows and the database has not seen. */
export async function pendingMigrations(db: Db): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const known = await migrator.getMigrations();
  return known.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name);
}
