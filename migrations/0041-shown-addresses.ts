import { sql, type Kysely } from 'kysely';

/*
 * Whose an address is: when an identity provider said that it is the person's, and null where only they said so. Accounts
 * that an owner has invited have shown it by the invitation and need no date. Who is shut out by a provider can decide about
 * nobody; a workspace whose admins are all gone is given one by an owner of the installation, which its members are told.
 */
const statements = [
  `alter table users
     add column email_verified_at timestamptz,
     add column shut_out_at timestamptz`,

  // A link for each address that is to be a member: SHA-256 of its token, and how long it is good.
  `alter table workspace_invitations
     add column token_hash bytea,
     add column link_expires_at timestamptz`,
  `create unique index workspace_invitations_token on workspace_invitations (token_hash) where token_hash is not null`,

  // The last time that somebody else than its admins decided about them.
  `alter table workspaces
     add column admin_named_at timestamptz,
     add column admin_named_id varchar(255),
     add column admin_named_by varchar(255)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
