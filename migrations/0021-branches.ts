import { sql, type Kysely } from 'kysely';

/* Branches. Null in all rows of runs without any, and in those that are there: nothing is rewritten. */
const statements = [
  `alter table node_executions
     add column edges jsonb,
     add column handles_error boolean`,
  `alter table workflow_runs
     add column handled_failures integer`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
