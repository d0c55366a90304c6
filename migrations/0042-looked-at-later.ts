import { sql, type Kysely } from 'kysely';

/** What starts a run, of the runs that were there before more was allowed: looked at while they go on being written. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table workflow_runs validate constraint workflow_runs_trigger_type_check`.execute(db);
}
