import { sql, type Kysely } from 'kysely';

/** Who has paused a region of a run; whoever is gone by then is nobody. */
const statement = `alter table run_regions add column paused_by varchar(255)`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statement).execute(db);
}
