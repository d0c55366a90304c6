import { sql, type Kysely } from 'kysely';

/** The statements run one by one inside the migrator's transaction. */
const statements = [
  // A removed account stays as a mark, so that a late token or message of an identity provider does not bring it back.
  `alter table users
     add column external_id varchar(255) unique,
     add column removed_at timestamptz`,
  `alter table sessions
     add column method varchar(20) not null default 'password' check (method in ('password', 'link', 'invitation')),
     add column user_agent varchar(255),
     add column address varchar(64)`,
  // A revoked key stays too: the configuration may still name it, and must not bring it back at the next start.
  `alter table api_keys
     add column scopes text[] not null default array['read', 'run', 'write']
       check (scopes <@ array['read', 'run', 'write'] and cardinality(scopes) > 0),
     add column expires_at timestamptz,
     add column revoked_at timestamptz`,
  `create table invitations (
     id uuid primary key,
     email varchar(255) not null,
     role varchar(20) not null check (role in ('owner', 'member', 'viewer')),
     token_hash bytea not null unique,
     invited_by varchar(255) references users (id) on delete cascade,
     created_at timestamptz not null default now(),
     expires_at timestamptz not null,
     accepted_at timestamptz
   )`,
  `create index invitations_open on invitations (created_at desc, id desc) where accepted_at is null`,
  `create index invitations_inviter on invitations (invited_by)`,

  // Who did what. No foreign keys: a line stays when what it tells of is gone.
  `create table audit_log (
     id uuid primary key,
     at timestamptz not null default clock_timestamp(),
     action varchar(50) not null,
     is_refused boolean not null default false,
     actor_id varchar(255),
     actor_email varchar(255),
     via varchar(20),
     subject_type varchar(50),
     subject_id varchar(255),
     subject_name varchar(255),
     address varchar(64),
     request_id varchar(64),
     details jsonb not null default '{}'
   )`,
  `create index audit_log_at on audit_log (at desc, id desc)`,

  // What the identity provider told: sessions that ended before their tokens, and messages that came already.
  `create table ended_sessions (
     id varchar(255) primary key,
     ended_at timestamptz not null default now()
   )`,
  `create index ended_sessions_ended on ended_sessions (ended_at)`,
  `create table webhook_messages (
     id varchar(255) primary key,
     received_at timestamptz not null default now()
   )`,
  `create index webhook_messages_received on webhook_messages (received_at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
