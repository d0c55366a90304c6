import { sql, type Kysely } from 'kysely';

const statements = [
  // Lists that lie in files, by the runs whose outputs name them: a list goes with the last of these.
  `create table run_lists (
     run_id uuid not null references workflow_runs (id) on delete cascade,
     asset_id uuid not null references assets (id) on delete cascade,
     primary key (run_id, asset_id)
   )`,
  `create index run_lists_asset on run_lists (asset_id)`,
  `create index assets_lists on assets (created_at) where mime_type = 'application/jsonl'`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
