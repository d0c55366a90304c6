import { sql, type Kysely } from 'kysely';

/*
 * How often an attempt was handed back because its worker did not know how it
 * ended, or could not record it: such a node is not tried without end.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table node_executions add column unrecorded_count integer not null default 0`.execute(db);
}
