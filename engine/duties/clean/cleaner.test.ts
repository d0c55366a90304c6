import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { contentKey } from '../../../assets/blob-key.ts';
import { createLocalDiskStore } from '../../../assets/local-disk-store.ts';
import type { AssetStore } from '../../../assets/asset-store.ts';
import { createAssetRows } from '../../../db/assets/asset-rows.ts';
import type { RunRetention } from '../../../db/runs/delete-old.ts';
import { recordingLogger } from '../../../testing/engine.ts';
import { createRunPlayer, type RunPlayer } from '../../../testing/play-run.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../../../testing/test-server.ts';
import { createCleaner } from './cleaner.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
let folder: string;
let store: AssetStore;

beforeAll(async () => {
  server = await startTestServer({ RUN_ACTIVE_PER_USER: '1000' });
  user = await server.addUser();
  player = await createRunPlayer(server.database.pool);
  folder = await mkdtemp(path.join(tmpdir(), 'heddle-cleaner-'));
  store = createLocalDiskStore({ root: folder, now: Date.now });
  await store.start();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const cleanerFor = (retention: RunRetention) =>
  createCleaner({
    pool: server.database.pool,
    store,
    rows: createAssetRows(server.database.db),
    retention,
    logger: recordingLogger(),
    pauseMs: 1,
  });

/** A workflow with a finished run of each age in days, and one that is under way and as old as the oldest. */
async function workflowWithRuns(ages: readonly number[]): Promise<{ id: number; unfinished: string }> {
  const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body;
  const start = async () => (await user.call('POST', `/api/workflows/${id}/run`)).body.id as string;
  for (const days of ages) {
    const runId = await start();
    await player.fail(runId, 'over');
    await makeOlder(runId, days);
  }
  const unfinished = await start();
  await makeOlder(unfinished, Math.max(...ages));
  return { id, unfinished };
}

const makeOlder = (runId: string, days: number) =>
  server.database.pool.query(
    `update workflow_runs set created_at = created_at - make_interval(days => $2) where id = $1`,
    [runId, days],
  );

async function agesOf(workflowId: number): Promise<number[]> {
  const { rows } = await server.database.pool.query<{ days: number }>(
    `select round(extract(epoch from now() - created_at) / 86400)::integer as days
       from workflow_runs where workflow_id = $1 and finished_at is not null order by 1`,
    [workflowId],
  );
  return rows.map(({ days }) => days);
}

const isThere = async (runId: string) =>
  (await server.database.pool.query('select from workflow_runs where id = $1', [runId])).rows.length === 1;

test('runs past their days go, with their nodes and events; those under way and younger ones stay', async () => {
  const { id, unfinished } = await workflowWithRuns([1, 29, 31, 90]);
  expect(await cleanerFor({ days: 30, perWorkflow: null }).clean()).toBe(true);
  expect(await agesOf(id)).toEqual([1, 29]);
  expect(await isThere(unfinished)).toBe(true);
  const { rows } = await server.database.pool.query(
    `select 'node' from node_executions n where not exists (select from workflow_runs r where r.id = n.run_id)
     union all select 'event' from run_events e where not exists (select from workflow_runs r where r.id = e.run_id)`,
  );
  expect(rows).toEqual([]);
});

test('of each workflow the newest runs stay', async () => {
  const first = await workflowWithRuns([1, 2, 3, 4]);
  const second = await workflowWithRuns([5, 6, 7]);
  await cleanerFor({ days: null, perWorkflow: 2 }).clean();
  expect(await agesOf(first.id)).toEqual([1, 2]);
  expect(await agesOf(second.id)).toEqual([5, 6]);
  expect(await isThere(first.unfinished)).toBe(true);
});

test('without a limit every run stays', async () => {
  const { id } = await workflowWithRuns([1, 4_000]);
  await cleanerFor({ days: null, perWorkflow: null }).clean();
  expect(await agesOf(id)).toEqual([1, 4_000]);
});

test('many runs go in steps', async () => {
  const { id } = await workflowWithRuns([100]);
  await server.database.pool.query(
    `insert into workflow_runs (workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at,
                                created_at, finished_at)
     select workflow_id, workflow_version_id, user_id, 'CANCELLED', 0, now(), now() - interval '50 days', now()
       from workflow_runs, generate_series(1, 250) where workflow_id = $1 and finished_at is not null`,
    [id],
  );
  expect(await agesOf(id)).toHaveLength(251);
  await cleanerFor({ days: 30, perWorkflow: null }).clean();
  expect(await agesOf(id)).toEqual([]);
});

test('graphs that no run uses any more go after a day', async () => {
  const { id } = await workflowWithRuns([100]);
  const versions = async () =>
    (await server.database.pool.query('select from workflow_versions where workflow_id = $1', [id])).rows.length;
  await server.database.pool.query(
    `insert into workflow_versions (id, workflow_id, content_hash, data, created_at)
     values (gen_random_uuid(), $1, repeat('0', 64), '{}', now() - interval '2 days'),
            (gen_random_uuid(), $1, repeat('1', 64), '{}', now())`,
    [id],
  );
  await cleanerFor({ days: null, perWorkflow: null }).clean();
  expect(await versions()).toBe(2);
});

test('files that no row refers to go after a day, and no sooner', async () => {
  const keys: string[] = [];
  for (const text of ['old', 'young']) {
    const file = path.join(folder, text);
    await writeFile(file, text);
    const key = contentKey(createHash('sha256').update(text).digest('hex'));
    await store.put(key, file);
    keys.push(key);
  }
  const twoDaysAgo = Date.now() / 1_000 - 2 * 86_400;
  await utimes(path.join(folder, keys[0]!), twoDaysAgo, twoDaysAgo);
  await cleanerFor({ days: null, perWorkflow: null }).clean();
  expect(await store.stat(keys[0]!)).toBeNull();
  expect(await store.stat(keys[1]!)).not.toBeNull();
});

test('one cleaner is at work at a time', async () => {
  const guard = await server.database.pool.connect();
  await guard.query('begin');
  await guard.query(`select pg_advisory_xact_lock(hashtext('heddle-clean'))`);
  expect(await cleanerFor({ days: 1, perWorkflow: null }).clean()).toBe(false);
  await guard.query('rollback');
  guard.release();
});
