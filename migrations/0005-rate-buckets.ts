import { sql, type Kysely } from 'kysely';

/** Token buckets of rate limits, where no Redis holds them. Worth nothing after a crash, so they need no log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create unlogged table rate_buckets (
    key varchar(500) primary key,
    tokens double precision not null,
    granted integer not null,
    refilled_at timestamptz not null
  ) with (fillfactor = 50)`.execute(db);
}
