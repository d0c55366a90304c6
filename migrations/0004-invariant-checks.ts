import { sql, type Kysely } from 'kysely';

/** The statements run one by one inside the migrator's transaction. */
const statements = [
  // The newest check of each invariant, which every server shows in its metrics.
  `create table invariant_checks (
     name varchar(50) primary key,
     violations integer not null,
     checked_at timestamptz not null
   )`,
  // What ended lately lies together in the table, so a summary of its blocks finds it; it costs a run nothing to end.
  `create index workflow_runs_finished on workflow_runs using brin (finished_at) with (autosummarize = on)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
