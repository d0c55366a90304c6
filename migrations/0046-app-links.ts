import { sql, type Kysely } from 'kysely';

const statements = [
  // Addresses at which people without an account run a published workflow. inputs: the names that they may give, null: all;
  // fixed: values of others. runs: how many were begun.
  `create table app_links (
     id uuid primary key,
     workflow_id integer not null references workflows (id) on delete cascade,
     user_id varchar(255) not null references users (id) on delete cascade,
     created_by varchar(255),
     name varchar(200),
     token_hash bytea not null unique,
     enabled boolean not null default true,
     paused_reason text,
     expires_at timestamptz,
     max_runs integer check (max_runs > 0),
     runs integer not null default 0,
     inputs text[],
     fixed jsonb not null default '{}',
     created_at timestamptz not null default now(),
     last_run_at timestamptz
   )`,
  `create index app_links_workflow on app_links (workflow_id, created_at)`,
  `create index app_links_user on app_links (user_id)`,

  // Which visitor began which run. Written before the run is there; visitor: the hash of what the browser holds.
  `create table app_link_runs (
     run_id uuid primary key,
     link_id uuid not null references app_links (id) on delete cascade,
     visitor bytea not null,
     created_at timestamptz not null default now()
   )`,
  `create index app_link_runs_visitor on app_link_runs (link_id, visitor, created_at desc)`,

  // Files that a visitor has brought or was shown.
  `create table app_link_files (
     link_id uuid not null references app_links (id) on delete cascade,
     visitor bytea not null,
     asset_id uuid not null references assets (id) on delete cascade,
     primary key (link_id, visitor, asset_id)
   )`,
  `create index app_link_files_asset on app_link_files (asset_id)`,

  // Who made a batch; null: the owner.
  `alter table batches add column created_by varchar(255)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
