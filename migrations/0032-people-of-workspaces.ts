import { sql, type Kysely } from 'kysely';

/*
 * Somebody who is to be a member of a workspace and has no account yet; keys that are good for one workspace, or for less
 * than what their account may do there; and lines of the audit log that tell which workspace they are about. Null in a
 * column of old: a key that is good wherever its account is, a line that is about no workspace of several.
 */
const statements = [
  `create table workspace_invitations (
     id uuid primary key,
     workspace_id varchar(255) not null references workspaces (id) on delete cascade,
     email varchar(255) not null,
     role varchar(20) not null check (role in ('viewer', 'runner', 'editor', 'admin')),
     invited_by varchar(255),
     created_at timestamptz not null default now(),
     unique (workspace_id, email)
   )`,
  `create index workspace_invitations_email on workspace_invitations (email)`,

  `alter table api_keys
     add column workspace_id varchar(255),
     add column role varchar(20) check (role in ('viewer', 'runner', 'editor', 'admin'))`,

  `alter table audit_log add column workspace_id varchar(255)`,
  `create index audit_log_workspace on audit_log (workspace_id, at desc, id desc) where workspace_id is not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
