import { setTimeout as sleep } from 'node:timers/promises';
import { Migrator, sql, type Migration, type MigrationInfo } from 'kysely';
import { migrations } from '../migrations/list.ts';
import { openDatabase, type Db } from './client.ts';

/** A step that waits longer for a table gives way: less than the second after which Postgres ends one of two that wait for each other. */
const lockMs = 500;
/** Before it is tried again, and how often: ten minutes, in which a backup or a long report ends. */
const pauseMs = 250;
const mostTries = 800;

/** The steps, each giving way to what a version before does meanwhile. */
const yielding: Readonly<Record<string, Migration>> = Object.fromEntries(
  Object.entries(migrations).map(([name, { up }]) => [
    name,
    {
      up: async (db: Db) => {
        await sql.raw(`set local lock_timeout = ${lockMs}`).execute(db);
        await up(db);
      },
    },
  ]),
);

const codeOf = (error: unknown) => String((error as { code?: unknown } | null)?.code);
/** Somebody else had a table at the moment. */
const isBusy = (error: unknown) => ['55P03', '40P01'].includes(codeOf(error));
/** A table got another name, by a step of somebody else's, while the migrator listed the tables there are. */
const isRenamed = (error: unknown) => codeOf(error) === '42P01';

/**
 * Brings the schema up to date and returns the names of the migrations that
 * were applied now. Each has a transaction of its own: a version before works on
 * beside, waits for one step at most, and none of what it does is ended for one. An empty database gets all of them in
 * one. Safe to call from several processes at once: an advisory lock lets one
 * through at a time, and each takes the next step that is left.
 *
 * Throws the first error; what was applied before it stays, the failing one
 * leaves nothing, and the next call goes on with it.
 */
export async function migrate(db: Db): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...yielding }) } });
  const known = await listed(migrator);
  const isEmpty = known.every(({ executedAt }) => executedAt === undefined);
  const applied: string[] = [];
  let tries = 0;
  for (let isOver = false; !isOver;) {
    const { error, results } = isEmpty ? await migrator.migrateToLatest() : await migrator.migrateUp();
    const isPassing = isBusy(error) || (results === undefined && isRenamed(error));
    if (isPassing && (tries += 1) < mostTries) {
      await sleep(pauseMs);
      continue;
    }
    if (error !== undefined) throw error instanceof Error ? error : new Error(String(error));
    tries = 0;
    const steps = results ?? [];
    applied.push(...steps.map((result) => result.migrationName));
    isOver = isEmpty || steps.length === 0;
  }
  return applied;
}

/** The steps that there are, each with when it was done. */
async function listed(migrator: Migrator): Promise<readonly MigrationInfo[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await migrator.getMigrations();
    } catch (error) {
      if (!isRenamed(error) || tries === mostTries) throw error;
      await sleep(pauseMs);
    }
  }
}

/** The same for a connection string, with a connection of its own. */
export async function migrateToLatest(url: string): Promise<readonly string[]> {
  const { db, stop } = openDatabase(url, {
    poolSize: 2,
    applicationName: 'heddle-migrate',
    isPatient: true,
    onError: () => {},
  });
  try {
    return await migrate(db);
  } finally {
    await stop();
  }
}

/** Names of the migrations that this build knows and the database has not seen. */
export async function pendingMigrations(db: Db): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const known = await listed(migrator);
  return known.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name);
}
