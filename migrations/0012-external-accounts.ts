import { sql, type Kysely } from 'kysely';

/** The statements run one by one inside the migrator's transaction. */
const statements = [
  // How new the identity provider's newest word about an account is: messages and tokens come out of order.
  `alter table users add column external_at timestamptz`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
