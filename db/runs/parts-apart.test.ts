import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { insertOwnedRows, type OwnedRows } from '../../testing/owned-rows.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/postgres.ts';
import { listAssetUsesInRuns } from '../assets/list-uses.ts';
import { openDatabase, type DatabaseHandle } from '../client.ts';
import { listReusableOutputs } from '../nodes/list-reusable-outputs.ts';
import { measureUsage } from '../users/measure-usage.ts';
import { listWorkers } from '../workers/list.ts';
import { listWorkflows } from '../workflows/list.ts';
import { countRecentRuns } from './count-recent.ts';
import { deleteOldRunsOfWorkflow } from './delete-old.ts';
import { deleteFinishedRun } from './delete.ts';
import { findRunWithGraph } from './find-with-graph.ts';
import { findRun } from './find.ts';
import { listActiveRunIds, listUnfinishedRunIds } from './list-active.ts';
import { listWorkflowPositions } from './list-positions.ts';
import { listRuns } from './list.ts';

/*
 * A part is a row of workflow_runs. Whoever lists, counts, admits or deletes runs means those that somebody started. The part
 * here is newer than its run, has an output, has used a model, and runs on a worker.
 */
let database: TestDatabase;
let handle: DatabaseHandle;
let mine: OwnedRows;
const part = randomUUID();
const worker = randomUUID();
const assetId = randomUUID();

beforeAll(async () => {
  database = await createTestDatabase();
  handle = openDatabase(database.url, { poolSize: 2, applicationName: 'test', onError: () => {} });
  mine = await insertOwnedRows(handle.db);
  const { runId, workflowId, workflowVersionId, userId, nodeExecutionId } = mine;
  await sql`
    insert into workers (id, hostname, pid, version, pools, concurrency) values (${worker}, 'h', 1, 'v', '{io}', 1)`.execute(
    handle.db,
  );
  await sql`
    insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at,
                               parent_run_id, parent_execution_id, part_index, part_key, part_settled)
    values (${part}, ${workflowId}, ${workflowVersionId}, ${userId}, 'RUNNING', 1, 'infinity',
            ${runId}, ${nodeExecutionId}, 0, 'k', false)`.execute(handle.db);
  await sql`
    insert into node_executions (run_id, node_id, node_type, pool, status, pending_dependencies, dependencies, dependents,
                                 fingerprint, timeout_ms, worker_id, output_data, usage)
    values (${part}, 'a', 'text', 'io', 'COMPLETED', 0, '{}', '{}', repeat('f', 64), 1000, null,
            jsonb_build_object('output', ${assetId}::text), '{"inputTokens": 3, "outputTokens": 4, "costUsd": 0.5}'),
           (${part}, 'b', 'text', 'io', 'RUNNING', 0, '{}', '{}', repeat('f', 64), 1000, ${worker}, null, null)`.execute(
    handle.db,
  );
});
afterAll(async () => {
  await handle.stop();
  await database.drop();
});

const scope = () => ({ workspaceId: mine.userId });

test('lists have the run and not its part', async () => {
  const { db, pool } = handle;
  const all = { scope: scope(), status: null, limit: 10, after: null };
  for (const workflowId of [null, mine.workflowId]) {
    expect((await listRuns(db, { ...all, workflowId })).items).toMatchObject([{ id: mine.runId }]);
  }
  expect(await listWorkflowPositions(db, scope(), mine.workflowId, 10)).toMatchObject([{ id: mine.runId }]);
  expect(await listActiveRunIds(db, scope(), mine.workflowId)).toEqual([mine.runId]);
  expect(await listUnfinishedRunIds(pool, scope())).toEqual([mine.runId]);
  const workflows = async () =>
    (await listWorkflows(db, { scope: scope(), limit: 1, after: null, sort: 'name', search: null })).items;
  expect(await workflows()).toMatchObject([{ lastRun: { id: mine.runId, isWaiting: false } }]);
  const rest = (at: Date | null) =>
    pool.query('update workflow_runs set rests_since = $2 where id = $1', [mine.runId, at]);
  await rest(new Date());
  expect(await workflows()).toMatchObject([{ lastRun: { id: mine.runId, isWaiting: true } }]);
  await rest(null);
});

test.each([
  ['workflow_runs_history', 'workflow_id = 1'],
  ['workflow_runs_user', "user_id = 'u'"],
])('%s holds the runs of a list in its order, whatever parts there are', async (index, ofWhom) => {
  const client = await handle.pool.connect();
  try {
    await client.query('begin; set local enable_seqscan to off; set local enable_bitmapscan to off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `explain (costs off) select id from workflow_runs
        where ${ofWhom} and parent_run_id is null order by created_at desc, id desc limit 10`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain(`using ${index}`);
    expect(plan).toMatch(/parent_run_id IS NULL\) = true/);
    expect(plan).not.toContain('Sort');
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('a part is no run of its own to whoever asks for it, deletes it or retries it', async () => {
  const { db, pool } = handle;
  expect(await findRun(db, scope(), part)).toBeNull();
  expect(await findRunWithGraph(pool, part, scope())).toBeNull();
  expect(await deleteFinishedRun(db, scope(), part)).toBeNull();
});

test('a part counts neither as a run nor among those under way, and its tokens do', async () => {
  const { db, pool } = handle;
  expect(await countRecentRuns(db, 60_000)).toMatchObject({ runs: 1 });
  const usage = await measureUsage(db, mine.userId, new Date(0));
  expect(usage).toMatchObject({ runs: { total: 1 }, tokens: { input: 3, output: 4, costUsd: 0.5 } });
  // One of two places is taken by the run; the part takes none.
  const { rows } = await pool.query<{ turn: string }>(
    'select turn from take_run_turns(array[$1::uuid], array[$2], 2, 5)',
    [randomUUID(), mine.userId],
  );
  expect(rows).toEqual([{ turn: 'admitted' }]);
});

test('its outputs are those of one element, and stand in for no node of a run', async () => {
  const wanted = [{ nodeId: 'a', fingerprint: 'f'.repeat(64) }];
  expect(await listReusableOutputs(handle.pool, mine, wanted)).toEqual([]);
});

test('what a part does is told as done by its run', async () => {
  expect(await listWorkers(handle.db, 10_000)).toMatchObject([
    { running: 1, attempts: [{ runId: mine.runId, nodeId: 'b' }] },
  ]);
  expect(await listAssetUsesInRuns(handle.pool, scope(), assetId)).toEqual([
    { id: mine.runId, workflowId: mine.workflowId },
  ]);
});

test('retention counts and deletes runs, and their parts go with them', async () => {
  const { pool, db } = handle;
  await pool.query(`update workflow_runs set status = 'CANCELLED', finished_at = now() where id = $1`, [part]);
  // Of one run that is kept the part is not the second.
  const kept = { days: null, perWorkflow: 1 };
  expect(await deleteOldRunsOfWorkflow(pool, mine.workflowId, kept, 10)).toBe(0);
  await pool.query(`update workflow_runs set status = 'CANCELLED', finished_at = now() where id = $1`, [mine.runId]);
  expect(await deleteFinishedRun(db, scope(), mine.runId)).toBe('deleted');
  expect((await pool.query('select from workflow_runs where id = $1', [part])).rowCount).toBe(0);
});
