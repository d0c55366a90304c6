import { sql, type Kysely } from 'kysely';

/** Finds the newest runs of all accounts; the column never changes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index workflow_runs_created on workflow_runs (created_at)`.execute(db);
}
