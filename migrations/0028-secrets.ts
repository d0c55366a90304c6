import { sql, type Kysely } from 'kysely';

/** Secrets of users that nodes send to other services, encrypted; hosts are where a secret may be sent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table secrets (
    user_id varchar(255) not null references users (id) on delete cascade,
    name varchar(64) not null,
    hosts text[] not null,
    sealed bytea not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (user_id, name)
  )`.execute(db);
}
