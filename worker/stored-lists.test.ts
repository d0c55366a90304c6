import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import { createAssetService, type AssetService } from '../assets/asset-service.ts';
import { createDiskRoom } from '../assets/disk-room.ts';
import { createLocalDiskStore } from '../assets/local-disk-store.ts';
import { createStoredLists, type StoredLists } from '../assets/stored-lists.ts';
import { createWorkDirs } from '../assets/work-dirs.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import type { Graph } from '../core/graph/graph.ts';
import type { StoredList } from '../core/node-type/values.ts';
import { createAssetRows } from '../db/assets/asset-rows.ts';
import type { Db } from '../db/client.ts';
import { checkInvariants } from '../db/invariants/check.ts';
import type { Database } from '../db/schema.ts';
import { deleteUnheldLists } from '../engine/duties/clean/delete-unheld-lists.ts';
import { createRunStarter } from '../engine/runs/run-starter.ts';
import { createWaitEnds } from '../engine/waits/wait-ends.ts';
import { pickExecutor } from '../nodes/flow/pick/executor.ts';
import { repeatExecutor } from '../nodes/flow/repeat/executor.ts';
import { untilExecutor } from '../nodes/flow/until/executor.ts';
import { answerWait } from '../server/routes/waits/answer-wait.ts';
import { cleanContextOf, doDuty } from '../testing/duties.ts';
import { each, eachExecutors, items, listNodes } from '../testing/each-nodes.ts';
import { createTestEngine, recordingLogger, unavailable, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { nodeOf } from '../testing/graphs.ts';
import { into, named, partsOf } from '../testing/regions.ts';

/* Forty texts of eight thousand characters: no row has room for that. */

const count = 40;
/** Of those that the node between two regions takes over; too many for a row as well. */
const rest = 34;
const padding = ' '.repeat(8_000);
const padded = (value: string) => `${value}${padding}`;
const values = named(count);

let engine: TestEngine;
let folder: string;
let db: Db;
let assets: AssetService;
let lists: StoredLists;
let refused = new Set<string>();
const nodes = eachExecutors({
  pad: async (value) => ({ output: padded(value) }),
  trim: async (value) => {
    const short = value.trim();
    if (refused.delete(short)) throw new TerminalError('PROVIDER_BAD_REQUEST', 'Not now.');
    return { output: `${short}!` };
  },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-lists-'));
  const store = createLocalDiskStore({ root: join(folder, 'store'), now: Date.now });
  const workDirs = createWorkDirs({ root: join(folder, 'work'), hostname: 'test', pid: process.pid, now: Date.now });
  await store.start();
  await workDirs.start();
  engine = await createTestEngine('postgres', {
    definitions: listNodes,
    executors: [...nodes.executors, pickExecutor, repeatExecutor, untilExecutor],
    worker: {
      get lists() {
        return lists;
      },
    },
  });
  db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: engine.pool }) });
  const rows = createAssetRows(db);
  assets = createAssetService({
    ...{ store, rows, workDirs, media: unavailable('media'), fetcher: unavailable('web') },
    createId: () => randomUUID(),
    disk: createDiskRoom({ folders: [folder] }),
    onLeftBlob: (error) => {
      throw error;
    },
  });
  lists = createStoredLists({ assets, rows, store, workDirs });
  await engine.startWorker();
});
afterAll(async () => {
  const broken = await checkInvariants(engine.pool, { leaseMs: 60_000, windowMs: null, limit: 10_000 });
  await engine.stop();
  await rm(folder, { recursive: true });
  expect(Object.entries(broken).filter(([, violations]) => violations > 0)).toEqual([]);
});

/** list -> pad -> some -> trim -> all: two regions with a node between them that takes the list whole. */
const graph: Graph = {
  nodes: [
    items('list', values),
    each('pad', 'pad'),
    nodeOf('some', 'pick', { mode: 'last', count: rest }),
    each('trim', 'trim'),
    nodeOf('all', 'whole'),
  ],
  edges: [
    into('list', 'pad', 'input'),
    into('pad', 'some', 'items'),
    into('some', 'trim', 'input'),
    into('trim', 'all', 'items'),
  ],
};

async function outputOf(runId: string, nodeId: string): Promise<unknown> {
  return (await engine.nodes(runId))[nodeId]?.output_data?.['output'];
}

async function heldBy(runId: string): Promise<number> {
  const { rows } = await engine.pool.query('select from run_lists where run_id = $1', [runId]);
  return rows.length;
}

/** Deletes a run, and what nothing holds any more. */
async function deleteRun(runId: string): Promise<void> {
  await engine.pool.query('delete from workflow_runs where id = $1', [runId]);
  await engine.pool.query(`update assets set created_at = now() - interval '2 hours'`);
  await doDuty(deleteUnheldLists, cleanContextOf(engine));
}

test('lists that are too large for a row go through regions and nodes as any list does', async () => {
  const runId = await engine.start(graph);
  expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
  const pad = (await outputOf(runId, 'pad')) as StoredList;
  expect(pad).toMatchObject({ length: count, mimeType: 'application/jsonl', preview: [padded('item 0')] });
  expect(await lists.read('user-1', pad)).toEqual(values.map(padded));
  const last = values.slice(count - rest);
  expect(await outputOf(runId, 'some')).toMatchObject({ length: rest });
  expect(await outputOf(runId, 'all')).toBe(last.map((value) => `${value}!`).join(' '));
  // A part is named by its element and has its words, without the list in memory.
  const parts = await partsOf(engine.pool, runId);
  expect(parts.filter(({ label }) => label === 'item 3')).toHaveLength(1);
  expect(new Set(parts.map(({ key }) => key)).size).toBe(count + rest);
});

test('no row and no event carries such a list', async () => {
  const runId = await engine.start(graph);
  await engine.finished(runId);
  const { rows } = await engine.pool.query<{ most: number }>(
    `select greatest(max(pg_column_size(input_data)), max(pg_column_size(output_data)), max(length(output_data::text)),
                     max(length(input_data::text)), (select max(length(payload::text)) from run_events)) as most
       from node_executions`,
  );
  expect(rows[0]!.most).toBeLessThan(40_000);
  expect((await engine.nodes(runId))['some']).toMatchObject({ input_data: { items: { length: count } } });
});

test('a retry executes what is missing alone, and the lists outlive the run that made them', async () => {
  refused = new Set(['item 17']);
  const runId = await engine.start(graph);
  expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
  const before = nodes.calls('trim').length;
  const trimmed = (await partsOf(engine.pool, runId)).filter(({ status }) => status === 'COMPLETED').length - count;
  const retry = await engine.starter.retry({ retryOf: runId, userId: 'user-1' });
  expect(await engine.finished(retry.id)).toMatchObject({ status: 'COMPLETED' });
  expect(nodes.calls('trim').length - before).toBe(rest - trimmed);
  expect(await outputOf(retry.id, 'all')).toMatch(/^item 6! .* item 17! .* item 39!$/);
  expect([await heldBy(runId), await heldBy(retry.id)]).toEqual([2, 2]);
  await deleteRun(runId);
  const pad = (await outputOf(retry.id, 'pad')) as StoredList;
  expect(await lists.read('user-1', pad)).toHaveLength(count);
});

test('a run of a part of the workflow holds the lists that it takes over, and the last one takes them along', async () => {
  const workflow = await engine.createWorkflow({ ...graph, nodes: graph.nodes.map((node) => ({ ...node })) });
  const request = { userId: 'user-1', workflow: { id: workflow.id }, triggerType: 'MANUAL' as const };
  const whole = await engine.starter.start(request);
  await engine.finished(whole.id);
  const half = await engine.starter.start({ ...request, mode: 'selected', nodeIds: ['trim'] });
  expect(await engine.finished(half.id)).toMatchObject({ status: 'COMPLETED' });
  expect(await heldBy(half.id)).toBe(1);
  const some = (await outputOf(half.id, 'some')) as StoredList;
  // Other runs of these tests hold the same list.
  await engine.pool.query('delete from workflow_runs where coalesce(parent_run_id, id) <> all ($1::uuid[])', [
    [whole.id, half.id],
  ]);
  await deleteRun(whole.id);
  expect(await lists.read('user-1', some)).toHaveLength(rest);
  await deleteRun(half.id);
  await expect(assets.find({ workspaceId: 'user-1' }, some.assetId)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
});

test('an output whose list is gone stands in for nothing: a part of the workflow says so, a retry makes it anew', async () => {
  const workflow = await engine.createWorkflow({
    nodes: [...graph.nodes, nodeOf('seen', 'pick', { mode: 'last', count: 2 })],
    edges: [...graph.edges, into('some', 'seen', 'items')],
  });
  const request = { userId: 'user-1', workflow: { id: workflow.id }, triggerType: 'MANUAL' as const };
  refused = new Set(['item 17']);
  const { id: runId } = await engine.starter.start(request);
  expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
  expect(await engine.nodes(runId)).toMatchObject({ seen: { status: 'COMPLETED' } });
  const { assetId } = (await outputOf(runId, 'some')) as StoredList;
  // It goes after the run was planned, and before it is there.
  const requireRoom = async () => void (await engine.pool.query('delete from assets where id = $1', [assetId]));
  const starter = createRunStarter({ ...engine.starterDependencies, requireRoom });
  const part = { ...request, mode: 'selected' as const, nodeIds: ['trim'], runId: randomUUID() };
  const missing = { code: 'MISSING_UPSTREAM_OUTPUT', findings: [{ nodeIds: ['some'] }] };
  await expect(starter.start(part)).rejects.toMatchObject(missing);
  expect((await engine.pool.query('select from workflow_runs where id = $1', [part.runId])).rows).toEqual([]);
  await expect(engine.starter.start(part)).rejects.toMatchObject(missing);
  const retry = await engine.starter.retry({ retryOf: runId, userId: 'user-1' });
  expect(await engine.finished(retry.id)).toMatchObject({ status: 'COMPLETED' });
  // So is what had completed from it.
  expect(await engine.nodes(retry.id)).toMatchObject({
    pad: { cached: true },
    some: { cached: false },
    seen: { cached: false },
  });
  expect(await heldBy(retry.id)).toBe(2);
});

test('a person chooses from all elements, by their places', async () => {
  const runId = await engine.start({
    nodes: [
      items('list', values),
      each('pad', 'pad'),
      nodeOf('best', 'choose', { message: 'Which?', min: 1, max: 3 }),
      each('trim', 'trim'),
    ],
    edges: [
      into('list', 'pad', 'input'),
      into('pad', 'best', 'items'),
      into('best', 'trim', 'input', { sourceHandle: 'output' }),
    ],
  });
  let waitId = '';
  await eventually(async () => {
    const { rows } = await engine.pool.query<{ id: string }>('select id from waits where run_id = $1', [runId]);
    waitId = rows[0]!.id;
  });
  const waitEnds = createWaitEnds({ ...engine, logger: recordingLogger() });
  const answerer = {
    scope: { workspaceId: 'user-1', actorId: 'user-1', role: 'admin' as const },
    email: 'user-1@example.org',
    link: null,
  };
  const answer = (indices: number[]) =>
    answerWait({ db, assets, lists, waitEnds }, answerer, waitId, { action: 'choose', values: {}, indices });
  await expect(answer([40])).rejects.toMatchObject({ code: 'WAIT_ANSWER_INVALID' });
  await answer([39, 0]);
  expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
  expect(await outputOf(runId, 'trim')).toEqual(['item 39!', 'item 0!']);
});

test('a loop carries such a list from lap to lap', async () => {
  const runId = await engine.start({
    nodes: [
      items('list', values),
      each('pad', 'pad'),
      nodeOf('repeat', 'repeat', { max: 3 }),
      nodeOf('fewer', 'pick', { mode: 'last', count: rest }),
      nodeOf('until', 'until', { expression: 'size(value) < 10' }),
      each('trim', 'trim'),
    ],
    edges: [
      into('list', 'pad', 'input'),
      into('pad', 'repeat', 'value'),
      into('repeat', 'fewer', 'items'),
      into('fewer', 'until', 'value'),
      into('until', 'trim', 'input', { sourceHandle: 'output' }),
    ],
  });
  expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
  expect(await outputOf(runId, 'trim')).toEqual(values.slice(count - rest).map((value) => `${value}!`));
  expect((await engine.nodes(runId))['until']!.output_data).toMatchObject({ ended: 'maximum' });
});
