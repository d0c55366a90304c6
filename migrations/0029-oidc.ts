import { sql, type Kysely } from 'kysely';

/*
 * Sign-in with OpenID Connect. A session that a provider opened says when it has to be asked again; all others have null
 * there. `oidc_sign_ins` are people on their way to a provider and back: only hashes of what their browser holds.
 */
const statements = [
  `alter table sessions
     add column recheck_at timestamptz,
     drop constraint sessions_method_check,
     add constraint sessions_method_check check (method in ('password', 'link', 'invitation', 'oidc'))`,

  `create table oidc_sessions (
     session_id uuid primary key references sessions (id) on delete cascade,
     provider varchar(40) not null,
     subject varchar(255) not null,
     provider_session varchar(255),
     sealed_refresh_token bytea
   )`,
  `create index oidc_sessions_subject on oidc_sessions (provider, subject)`,
  `create index oidc_sessions_provider_session on oidc_sessions (provider, provider_session)
     where provider_session is not null`,

  `create table oidc_sign_ins (
     state_hash bytea primary key,
     browser_hash bytea not null,
     provider varchar(40) not null,
     next varchar(2048),
     expires_at timestamptz not null
   )`,
  `create index oidc_sign_ins_expiry on oidc_sign_ins (expires_at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
