import { sql, type Kysely } from 'kysely';

/*
 * A row of the output cache may stand for an output that is being made: it names
 * the attempt, and whoever needs the same waits for that one.
 */
const statements = [
  `alter table output_cache
     alter column output_data drop not null,
     add column made_by uuid,
     add column attempt integer,
     add constraint output_cache_check check (output_data is not null or (made_by is not null and attempt is not null))`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
