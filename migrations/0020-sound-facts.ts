import { sql, type Kysely } from 'kysely';

/* Sounds are assets as pictures and videos are; what is known of them stands beside width and height. */
const statements = [
  `alter table assets
     add column channels integer,
     add column sample_rate integer`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
