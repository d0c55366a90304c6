import { sql, type Kysely } from 'kysely';

/** An operator asks a worker to take no more work; the worker sees it at its next heartbeat. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table workers add column drain_requested_at timestamptz`.execute(db);
}
