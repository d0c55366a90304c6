import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Migrator } from 'kysely';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { TerminalError } from '../../core/errors/app-error.ts';
import { migrations } from '../../migrations/list.ts';
import { openDatabase } from '../client.ts';
import { makeEventPeriods } from '../run-events/make-periods.ts';
import { target, type TableShape } from './tables.ts';

interface LoadPlan {
  /** Names of the migrations that the rows were written under, newest last. */
  readonly migrations: readonly string[];
  readonly tables: readonly TableShape[];
  /** The rows of a table; checked by whoever gives them, by an error of the stream. */
  read(table: TableShape): Readable;
  /** Called before the rows count: what else belongs to them must be in place by now. */
  beforeCommit(): Promise<void>;
}

/** The migration that keeps events in periods. */
const firstWithPeriods = '0054-event-partitions';

/**
 * Loads rows into an empty database: brings its schema to where it was when
 * they were written, loads all tables in one transaction, and brings the schema
 * up to date. Throws DATABASE_NOT_EMPTY and leaves the database as it was where
 * anything is in it.
 */
export async function loadDatabase(url: string, plan: LoadPlan): Promise<void> {
  const newest = plan.migrations.at(-1);
  const unknown = plan.migrations.find((name) => !Object.hasOwn(migrations, name));
  if (newest === undefined || unknown !== undefined) {
    throw new TerminalError(
      'BACKUP_INVALID',
      `The backup was made by a newer version: this one knows no migration "${unknown ?? ''}". Update first.`,
    );
  }
  const { db, pool, stop } = openDatabase(url, {
    poolSize: 2,
    applicationName: 'heddle-restore',
    isPatient: true,
    onError: () => {},
  });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
    const applied = (await migrator.getMigrations()).filter(({ executedAt }) => executedAt !== undefined);
    if (applied.length > 0) await refuseUsers();
    const isAhead = applied.some(({ name }) => !plan.migrations.includes(name));
    if (isAhead) throw notEmpty('its schema is newer than the backup; give a database without tables');
    const { error } = await migrator.migrateTo(newest);
    if (error !== undefined) throw asError(error);
    // What is loaded lies in a period then, and need not be looked through again when the first one is made. The shortest ones:
    // those after them are as long as the retention asks for.
    const hasPeriods = newest >= firstWithPeriods;
    if (hasPeriods) await makeEventPeriods(pool, 1);
    await loadRows(url, plan);
    const updated = await migrator.migrateToLatest();
    if (updated.error !== undefined) throw asError(updated.error);
  } finally {
    await stop();
  }

  async function refuseUsers(): Promise<void> {
    const found = await db.selectFrom('users').select('id').limit(1).executeTakeFirst();
    if (found !== undefined) throw notEmpty('it has users already');
  }
}

async function loadRows(url: string, plan: LoadPlan): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'heddle-restore' });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('begin');
    for (const table of plan.tables) {
      await pipeline(plan.read(table), client.query(copyFrom(`copy ${target(table)} from stdin`)));
    }
    await client.query(`select setval('workflows_id_seq', coalesce((select max(id) from workflows), 0) + 1, false)`);
    await plan.beforeCommit();
    await client.query('commit');
  } finally {
    // Without the commit the rows go with the connection.
    await client.end().catch(() => {});
  }
  await analyze(url);
}

/** Statistics of freshly loaded tables; without them the first plans are bad. */
async function analyze(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'heddle-restore' });
  await client.connect();
  try {
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

function notEmpty(reason: string): TerminalError {
  return new TerminalError('DATABASE_NOT_EMPTY', `Nothing is restored into this database: ${reason}.`);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
