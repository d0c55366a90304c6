import type { Readable } from 'node:stream';
import { sql } from 'kysely';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { openDatabase } from '../client.ts';
import { listTables, rowsOf, type TableShape } from './tables.ts';

/** The whole database as it was at one moment, for as long as it is being read. */
export interface Snapshot {
  /** Newest last. */
  readonly migrations: readonly string[];
  readonly tables: readonly TableShape[];
  /** Hashes of the files that rows refer to. */
  readonly contents: readonly string[];
  /** The rows of a table in Postgres's own text form. */
  read(table: TableShape): Readable;
}

/**
 * Gives a snapshot to `work`. One REPEATABLE READ transaction reads everything,
 * on a connection of its own without a time limit for statements; writers are
 * not held up.
 */
export async function withSnapshot<Result>(
  url: string,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  const { db, stop } = openDatabase(url, { poolSize: 1, applicationName: 'heddle-backup', onError: () => {} });
  const reader = new pg.Client({ connectionString: url, application_name: 'heddle-backup' });
  reader.on('error', () => {});
  try {
    await reader.connect();
    await reader.query('begin transaction isolation level repeatable read read only');
    const { rows } = await reader.query<{ id: string }>('select pg_export_snapshot() as id');
    const shape = await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (transaction) => {
        // The shape of the tables belongs to the same moment as their rows.
        await sql`set transaction snapshot ${sql.lit(rows[0]!.id)}`.execute(transaction);
        const migrations = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(
          transaction,
        );
        const contents = await sql<{ sha256: string }>`select distinct sha256 from assets order by 1`.execute(
          transaction,
        );
        return {
          migrations: migrations.rows.map(({ name }) => name),
          contents: contents.rows.map(({ sha256 }) => sha256),
          tables: await listTables(transaction),
        };
      });
    return await work({
      ...shape,
      read: (table) => reader.query(copyTo(`copy (${rowsOf(table)}) to stdout`)),
    });
  } finally {
    await reader.end().catch(() => {});
    await stop();
  }
}
