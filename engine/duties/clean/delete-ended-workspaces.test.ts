import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { openDatabase, type DatabaseHandle } from '../../../db/client.ts';
import { closeWorkspace, restoreWorkspace } from '../../../db/workspaces/change.ts';
import { createWorkspace } from '../../../db/workspaces/create.ts';
import { createServiceAccount } from '../../../db/workspaces/service-accounts.ts';
import { cleanContextOf, doDuty } from '../../../testing/duties.ts';
import { createTestEngine, type TestEngine } from '../../../testing/engine.ts';
import { chainOf } from '../../../testing/graphs.ts';
import { createRunPlayer } from '../../../testing/play-run.ts';
import { deleteEndedWorkspaces } from './delete-ended-workspaces.ts';

let engine: TestEngine;
let handle: DatabaseHandle;
beforeEach(async () => {
  engine = await createTestEngine('postgres');
  handle = openDatabase(engine.pool.options.connectionString!, {
    poolSize: 2,
    applicationName: 'test',
    onError: () => {},
  });
});
afterEach(async () => {
  await handle.stop();
  await engine.stop();
});

const rows = async (text: string, values: readonly unknown[] = []) =>
  (await engine.pool.query<Record<string, unknown>>(text, [...values])).rows;

/** A workspace of the engine's user with a finished run, a run with parts, and a program's account. */
async function workspaceWithRuns(): Promise<{ id: string; service: string }> {
  const id = `workspace_${randomUUID()}`;
  const service = `service_${randomUUID()}`;
  const [{ id: createdBy } = { id: '' }] = (await rows(`select id from users where kind = 'person' limit 1`)) as {
    id: string;
  }[];
  await handle.db.transaction().execute((trx) => createWorkspace(trx, { id, name: 'Team', createdBy }));
  await createServiceAccount(handle.db, { id: service, name: 'CI', workspaceId: id, role: 'runner' }, 1);
  const workflow = await engine.createWorkflow(chainOf(2));
  const runId = await engine.start(workflow.data, { workflow });
  await (await createRunPlayer(engine.pool)).fail(runId, 'over');
  await engine.pool.query(
    `insert into workflow_runs (workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at,
                                finished_at, parent_run_id, part_index, part_key, part_settled, parent_execution_id)
     select r.workflow_id, r.workflow_version_id, r.user_id, 'COMPLETED', 0, now(), now(), r.id, n, n::text, true,
            (select e.id from node_executions e where e.run_id = r.id limit 1)
       from workflow_runs r, generate_series(0, 249) n where r.id = $1`,
    [runId],
  );
  for (const table of ['workflows', 'workflow_runs']) {
    await engine.pool.query(
      `update ${table} set user_id = $1 where ${table === 'workflows' ? 'id' : 'workflow_id'} = $2`,
      [id, workflow.id],
    );
  }
  await closeWorkspace(handle.db, id);
  return { id, service };
}

const deletedDaysAgo = (id: string, days: number) =>
  rows('update workspaces set deleted_at = now() - make_interval(days => $2) where id = $1', [id, days]);
const clean = () => doDuty(deleteEndedWorkspaces, cleanContextOf(engine, { days: null, perWorkflow: null }));

test('a deleted workspace is there for a week, and then gone with its workflows, runs and service accounts', async () => {
  const { id, service } = await workspaceWithRuns();
  await deletedDaysAgo(id, 6);
  await clean();
  expect(await rows('select id from workspaces')).toEqual([{ id }]);
  expect(await rows('select count(*)::integer as runs from workflow_runs where user_id = $1', [id])).toEqual([
    { runs: 251 },
  ]);
  await deletedDaysAgo(id, 7);
  await clean();
  expect(await rows('select id from users where id = any($1)', [[id, service]])).toEqual([]);
  for (const table of ['workspaces', 'workspace_members', 'workflows', 'workflow_runs', 'node_executions']) {
    expect({ table, rows: await rows(`select count(*)::integer as count from ${table}`) }).toEqual({
      table,
      rows: [{ count: 0 }],
    });
  }
});

test('one that was restored stays, and one whose week is over cannot be restored', async () => {
  const { id } = await workspaceWithRuns();
  await deletedDaysAgo(id, 6);
  expect(await restoreWorkspace(handle.db, id)).toBe(true);
  await clean();
  expect(await rows('select deleted_at from workspaces where id = $1', [id])).toEqual([{ deleted_at: null }]);
  expect(await rows('select removed_at from users where id = $1', [id])).toEqual([{ removed_at: null }]);
  await closeWorkspace(handle.db, id);
  await deletedDaysAgo(id, 8);
  expect(await restoreWorkspace(handle.db, id)).toBe(false);
});
