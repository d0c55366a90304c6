import { sql, type Kysely } from 'kysely';

/*
 * What runs keep is measured after they have ended, aside from their work, and
 * added up for their user. What is deleted is taken off at once, so that there
 * is a way back under the quota.
 */
const statements = [
  `alter table workflow_runs add column kept_bytes bigint`,
  `create table user_data (
     user_id varchar(255) primary key references users (id) on delete cascade,
     run_bytes bigint not null default 0
   )`,
  `create function forget_kept_bytes() returns trigger language plpgsql as $$
   begin
     update user_data d set run_bytes = greatest(0, d.run_bytes - g.bytes)
       from (select user_id, sum(kept_bytes) as bytes from gone where kept_bytes is not null group by user_id) g
      where d.user_id = g.user_id;
     return null;
   end $$`,
  `create trigger workflow_runs_kept_bytes after delete on workflow_runs
     referencing old table as gone for each statement execute function forget_kept_bytes()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
