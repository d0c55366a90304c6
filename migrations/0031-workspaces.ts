import { sql, type Kysely } from 'kysely';

/*
 * A workspace is an owner as an account is: the column `user_id` of every table says whose a row is, and a team's workspace
 * is a row of `users` of another kind. The workspace of a person has the id of the account. So nothing that exists is
 * rewritten, and a version before this one works on beside it: every row that it writes is a person's.
 *
 * Who did something stands beside whose it is; null there: the owner. No foreign keys, as in the audit log: what was done
 * stays written down.
 */
const statements = [
  `alter table users
     add column kind varchar(20) not null default 'person' check (kind in ('person', 'workspace', 'service'))`,

  `create table workspaces (
     id varchar(255) primary key references users (id) on delete cascade,
     name varchar(100) not null,
     created_by varchar(255),
     created_at timestamptz not null default now(),
     deleted_at timestamptz
   )`,
  `create table workspace_members (
     workspace_id varchar(255) not null references workspaces (id) on delete cascade,
     account_id varchar(255) not null references users (id) on delete cascade,
     role varchar(20) not null check (role in ('viewer', 'runner', 'editor', 'admin')),
     via varchar(20) not null default 'invited' check (via in ('invited', 'group')),
     created_at timestamptz not null default now(),
     primary key (workspace_id, account_id)
   )`,
  `create index workspace_members_account on workspace_members (account_id)`,

  // Without a default nothing is rewritten: each takes a lock on its table for a moment.
  `alter table workflow_runs add column actor_id varchar(255)`,
  `alter table workflows add column updated_by varchar(255)`,
  `alter table assets add column uploaded_by varchar(255)`,
  `alter table triggers add column created_by varchar(255)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
