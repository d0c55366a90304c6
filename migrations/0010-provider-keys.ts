import { sql, type Kysely } from 'kysely';

/** Keys of users for model providers, encrypted; base_url is where a key may be sent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table provider_keys (
    user_id varchar(255) not null references users (id) on delete cascade,
    provider varchar(20) not null check (provider in ('gemini', 'openai')),
    base_url varchar(500),
    sealed bytea not null,
    models text[] not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (user_id, provider),
    check ((base_url is not null) = (provider = 'openai'))
  )`.execute(db);
}
