import { sql, type Kysely } from 'kysely';

/*
 * Calls of models that belong to no node are written down as well, and count in budgets: they have no workflow, run or
 * execution. A running earlier version goes on writing its own, and adds these up with them.
 */
const statements = [
  `alter table model_calls
     alter column workflow_id drop not null, alter column run_id drop not null,
     alter column node_id drop not null, alter column node_execution_id drop not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
