import { sql, type Kysely } from 'kysely';

/** Since when a region of a run makes no parts because somebody has paused it. */
const statement = `alter table run_regions add column paused_at timestamptz`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statement).execute(db);
}
