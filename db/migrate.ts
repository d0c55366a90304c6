import { Migrator } from 'kysely';
import { migrations } from '../migrations/list.ts';
import { openDatabase, type Db } from './client.ts';

/**
 * Brings the schema up to date and returns the names of the migrations that
 * were applied now. Each has a transaction of its own: a version before works on
 * beside, and waits for one step at most. An empty database gets all of them in
 * one. Safe to call from several processes at once: an advisory lock lets one
 * through at a time, and each takes the next step that is left.
 *
 * Throws the first error; what was applied before it stays, the failing one
 * leaves nothing, and the next call goes on with it.
 */
export async function migrate(db: Db): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const isEmpty = (await migrator.getMigrations()).every(({ executedAt }) => executedAt === undefined);
  const applied: string[] = [];
  for (let isOver = false; !isOver;) {
    const { error, results = [] } = isEmpty ? await migrator.migrateToLatest() : await migrator.migrateUp();
    if (error !== undefined) throw error instanceof Error ? error : new Error(String(error));
    applied.push(...results.map((result) => result.migrationName));
    isOver = isEmpty || results.length === 0;
  }
  return applied;
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
