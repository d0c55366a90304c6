import { sql, type Kysely } from 'kysely';

/** Results of a workflow that an account has marked; a result is known again in later runs by its key. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table result_stars (
    workflow_id integer not null references workflows (id) on delete cascade,
    user_id varchar(255) not null references users (id) on delete cascade,
    keys text[] not null,
    primary key (workflow_id, user_id)
  )`.execute(db);
  await sql`create index result_stars_user on result_stars (user_id)`.execute(db);
}
