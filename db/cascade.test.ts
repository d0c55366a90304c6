import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { insertOwnedRows, type OwnedRows } from '../testing/owned-rows.ts';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from './client.ts';

/** Tables whose rows belong to no user. */
const ownerless = [
  'audit_log',
  'ended_sessions',
  'invariant_checks',
  'kysely_migration',
  'kysely_migration_lock',
  'oidc_sign_ins',
  'provider_clocks',
  'rate_buckets',
  'webhook_messages',
  'workers',
];

let database: TestDatabase;
let handle: DatabaseHandle;
let mine: OwnedRows;

beforeAll(async () => {
  database = await createTestDatabase();
  handle = openDatabase(database.url, { poolSize: 2, applicationName: 'test', onError: () => {} });
});
beforeEach(async () => {
  await handle.db.deleteFrom('users').execute();
  mine = await insertOwnedRows(handle.db);
  await insertOwnedRows(handle.db);
});
afterAll(async () => {
  await handle.stop();
  await database.drop();
});

/** Rows by table, for every table of the schema that holds things of users. */
async function countRows(): Promise<Record<string, number>> {
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by relname
  `.execute(handle.db);
  const counts: Record<string, number> = {};
  for (const { name } of tables.filter((table) => !ownerless.includes(table.name))) {
    const { rows } = await sql<{ count: number }>`
      select count(*)::integer as count from ${sql.table(name)}`.execute(handle.db);
    counts[name] = rows[0]!.count;
  }
  return counts;
}

const everything = {
  api_keys: 2,
  app_link_files: 2,
  app_link_runs: 2,
  app_links: 2,
  asset_reservations: 2,
  assets: 2,
  batch_rows: 2,
  batches: 2,
  budgets: 2,
  callback_messages: 2,
  idempotency_keys: 2,
  invitations: 2,
  kept_drafts: 2,
  known_browsers: 2,
  model_calls: 2,
  node_executions: 2,
  oidc_sessions: 2,
  output_cache: 2,
  provider_jobs: 2,
  provider_keys: 2,
  published_versions: 2,
  result_stars: 2,
  run_events: 2,
  run_lists: 2,
  run_regions: 2,
  secrets: 2,
  sessions: 2,
  sign_in_tokens: 2,
  trigger_deliveries: 2,
  trigger_files: 2,
  trigger_fires: 2,
  triggers: 2,
  user_data: 2,
  users: 2,
  waits: 2,
  workflow_callbacks: 2,
  workflow_runs: 2,
  workflow_versions: 2,
  workflows: 2,
  workspace_invitations: 2,
  workspace_members: 2,
  workspaces: 2,
};

const withoutRun = {
  ...everything,
  provider_jobs: 1,
  workflow_runs: 1,
  node_executions: 1,
  run_events: 1,
  run_lists: 1,
  run_regions: 1,
  waits: 1,
};

test('a user goes with everything that is theirs, in every table, and nobody else loses anything', async () => {
  expect(await countRows()).toEqual(everything);
  await handle.db.deleteFrom('users').where('id', '=', mine.userId).execute();
  expect(await countRows()).toEqual(Object.fromEntries(Object.keys(everything).map((table) => [table, 1])));
  const left = await handle.db.selectFrom('workflows').select('user_id').execute();
  expect(left).not.toEqual([{ user_id: mine.userId }]);
});

test('a workflow goes with its versions, runs, triggers and what belongs to them, and with nothing else', async () => {
  await handle.db.deleteFrom('workflows').where('id', '=', mine.workflowId).execute();
  expect(await countRows()).toEqual({
    ...everything,
    workflows: 1,
    workflow_versions: 1,
    published_versions: 1,
    result_stars: 1,
    kept_drafts: 1,
    workflow_runs: 1,
    provider_jobs: 1,
    node_executions: 1,
    run_events: 1,
    run_lists: 1,
    waits: 1,
    run_regions: 1,
    batches: 1,
    batch_rows: 1,
    triggers: 1,
    trigger_files: 1,
    trigger_fires: 1,
    trigger_deliveries: 1,
    workflow_callbacks: 1,
    callback_messages: 1,
    app_links: 1,
    app_link_runs: 1,
    app_link_files: 1,
  });
});

test('a run goes with its node executions and events; the frozen graph stays', async () => {
  await handle.db.deleteFrom('workflow_runs').where('id', '=', mine.runId).execute();
  expect(await countRows()).toEqual(withoutRun);
});

test('a run goes with its parts, and theirs', async () => {
  const { runId, nodeExecutionId, workflowId, workflowVersionId, userId } = mine;
  let parent = runId;
  for (const id of [randomUUID(), randomUUID()]) {
    await sql`
      with part as (
        insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, unfinished_nodes, deadline_at, last_seq,
                                   parent_run_id, parent_execution_id, part_index, part_key, part_settled)
        values (${id}, ${workflowId}, ${workflowVersionId}, ${userId}, 1, 'infinity', 1,
                ${parent}, ${nodeExecutionId}, 0, 'k', false)
      )
      insert into run_events (run_id, seq, type, payload) values (${id}, 1, 'run.updated', '{}')`.execute(handle.db);
    parent = id;
  }
  expect(await countRows()).toEqual({ ...everything, workflow_runs: 4, run_events: 4 });
  await handle.db.deleteFrom('workflow_runs').where('id', '=', runId).execute();
  expect(await countRows()).toEqual(withoutRun);
});
