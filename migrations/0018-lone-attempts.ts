import { sql, type Kysely } from 'kysely';

/*
 * Attempts that were there at two deaths run in processes of their own, each a
 * session under the worker that started it.
 */
const statements = [
  `alter table workers
     add column isolates boolean not null default false,
     add column parent_id uuid`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
