import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { insertOwnedRows, type OwnedRows } from '../testing/owned-rows.ts';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from './client.ts';

let database: TestDatabase;
let handle: DatabaseHandle;
let rows: OwnedRows;

beforeAll(async () => {
  database = await createTestDatabase();
  handle = openDatabase(database.url, { poolSize: 2, applicationName: 'test', onError: () => {} });
  rows = await insertOwnedRows(handle.db);
});
afterAll(async () => {
  await handle.stop();
  await database.drop();
});

/** Writes columns of the one row of a table, past the triggers, and takes it back. */
async function write(table: string, assignments: string): Promise<void> {
  const client = await handle.pool.connect();
  try {
    await client.query('begin');
    await client.query(`alter table ${table} disable trigger user`);
    await client.query(`update ${table} set ${assignments}`);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

const checkViolation = '23514';

describe('the database refuses', () => {
  test.each([
    ['a role nobody knows', 'users', `role = 'admin'`, 'users_role_check'],
    ['an unknown trigger type', 'workflow_runs', `trigger_type = 'MAGIC'`, 'workflow_runs_trigger_type_check'],
    ['an unknown mode', 'workflow_runs', `mode = 'some'`, 'workflow_runs_mode_check'],
    ['an unknown run status', 'workflow_runs', `status = 'DONE'`, 'workflow_runs_status_check'],
    [
      'fewer than no unfinished nodes',
      'workflow_runs',
      'unfinished_nodes = -1',
      'workflow_runs_unfinished_nodes_check',
    ],
    ['an unfinished run with an end', 'workflow_runs', 'finished_at = now()', 'workflow_runs_check'],
    ['a finished run without an end', 'workflow_runs', `status = 'FAILED'`, 'workflow_runs_check'],
    [
      'a completed run with work left',
      'workflow_runs',
      `status = 'COMPLETED', finished_at = now(), unfinished_nodes = 1`,
      'workflow_runs_check1',
    ],
    [
      'a completed run with a failed node',
      'workflow_runs',
      `status = 'COMPLETED', finished_at = now(), unfinished_nodes = 0, failed_nodes = 1`,
      'workflow_runs_check1',
    ],
    ['an unknown node status', 'node_executions', `status = 'DONE'`, 'node_executions_status_check'],
    ['an unknown pool', 'node_executions', `pool = 'gpu'`, 'node_executions_pool_check'],
    ['an attempt before the first', 'node_executions', 'attempt = 0', 'node_executions_attempt_check'],
    [
      'fewer than no dependencies to wait for',
      'node_executions',
      'pending_dependencies = -1',
      'node_executions_pending_dependencies_check',
    ],
    ['a running node without a worker', 'node_executions', `status = 'RUNNING'`, 'node_executions_check'],
    ['a completed node without an output', 'node_executions', `status = 'COMPLETED'`, 'node_executions_check1'],
    [
      'a queued node that still waits',
      'node_executions',
      `status = 'QUEUED', pending_dependencies = 1`,
      'node_executions_check2',
    ],
    [
      'a running node that still waits',
      'node_executions',
      `status = 'RUNNING', worker_id = gen_random_uuid(), pending_dependencies = 1`,
      'node_executions_check2',
    ],
  ])('%s', async (_title, table, assignments, constraint) => {
    await expect(write(table, assignments)).rejects.toMatchObject({ code: checkViolation, constraint });
  });

  test.each([
    ['a workflow of nobody', 'workflows', 'user_id = null', '23502'],
    ['a workflow of a stranger', 'workflows', `user_id = 'ghost'`, '23503'],
    ['a run of no workflow', 'workflow_runs', 'workflow_id = 0', '23503'],
    ['a name that is too long', 'workflows', `name = repeat('x', 256)`, '22001'],
  ])('%s', async (_title, table, assignments, code) => {
    await expect(write(table, assignments)).rejects.toMatchObject({ code });
  });

  test.each([
    ['one node twice in a run', 'node_executions', 'id', 'gen_random_uuid()', 'node_executions_run_id_node_id_key'],
    [
      'one seq twice in a run',
      'run_events',
      'type',
      `'run.updated'`,
      expect.stringMatching(/^run_events_[a-z]+_pkey$/),
    ],
    ['one e-mail address twice', 'users', 'id', `'other'`, 'users_email_key'],
    ['one file twice under one name', 'assets', 'id', 'gen_random_uuid()', 'assets_user_id_sha256_name_key'],
    ['one idempotency key twice', 'idempotency_keys', 'status', '200', 'idempotency_keys_pkey'],
    [
      'one content twice in a workflow',
      'workflow_versions',
      'id',
      'gen_random_uuid()',
      'workflow_versions_workflow_id_content_hash_key',
    ],
  ])('%s', async (_title, table, column, value, constraint) => {
    const copy = `insert into ${table} select (jsonb_populate_record(t, jsonb_build_object('${column}', ${value}))).* from ${table} t`;
    await expect(handle.pool.query(copy)).rejects.toMatchObject({ code: '23505', constraint });
  });
});

describe('the database allows', () => {
  test.each([
    ['a node that waits', 'node_executions', 'pending_dependencies = 2'],
    ['a skipped node that waited', 'node_executions', `status = 'SKIPPED', pending_dependencies = 2`],
    ['a cancelled node that waited', 'node_executions', `status = 'CANCELLED', pending_dependencies = 2`],
    ['a failed run with failed nodes', 'workflow_runs', `status = 'FAILED', finished_at = now(), failed_nodes = 3`],
    [
      'a completed run with nothing left',
      'workflow_runs',
      `status = 'COMPLETED', finished_at = now(), unfinished_nodes = 0`,
    ],
  ])('%s', async (_title, table, assignments) => {
    await expect(write(table, assignments)).resolves.toBeUndefined();
  });
});

test('a refused write has left the rows as they were', async () => {
  const run = await handle.db.selectFrom('workflow_runs').selectAll().where('id', '=', rows.runId).execute();
  expect(run).toEqual([expect.objectContaining({ status: 'PENDING', unfinished_nodes: 1, finished_at: null })]);
});
