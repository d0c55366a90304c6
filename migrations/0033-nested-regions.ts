import { sql, type Kysely } from 'kysely';

/** What the regions within the parts of a run come to: added up on the run, so that its limit is held without a look at all parts. */
const statement = `alter table workflow_runs add column region_executions integer`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statement).execute(db);
}
