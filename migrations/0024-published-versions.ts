import { sql, type Kysely } from 'kysely';

/* Published versions, with names of their own apart from the drafts that they were made from. Nothing is rewritten. */
const statements = [
  // `live_version` names a row of published_versions, which stays for as long as its workflow does.
  `alter table workflows
     add column slug varchar(64),
     add column live_version integer`,
  `create unique index workflows_slug on workflows (slug) where slug is not null`,
  `create table published_versions (
     workflow_id integer not null references workflows(id) on delete cascade,
     number integer not null check (number > 0),
     version_id uuid not null references workflow_versions(id),
     revision integer not null,
     note text not null default '',
     published_by varchar(255) references users(id) on delete set null,
     published_at timestamptz not null default clock_timestamp(),
     primary key (workflow_id, number)
   )`,
  `create index published_versions_version on published_versions (version_id)`,
  `create index published_versions_by on published_versions (published_by)`,
  `create table kept_drafts (
     id uuid primary key,
     workflow_id integer not null references workflows(id) on delete cascade,
     version_id uuid not null references workflow_versions(id),
     kept_by varchar(255) references users(id) on delete set null,
     kept_at timestamptz not null default clock_timestamp()
   )`,
  `create index kept_drafts_workflow on kept_drafts (workflow_id, kept_at)`,
  `create index kept_drafts_version on kept_drafts (version_id)`,
  `create index kept_drafts_by on kept_drafts (kept_by)`,
  `alter table workflow_runs add column published_version integer`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
