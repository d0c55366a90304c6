import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { contentKey } from '../../assets/blob-key.ts';
import { runPlanSchema, type PlanEntry } from '../../core/api/run-plan.ts';
import type { StartRunBody } from '../../core/api/runs.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { listCachedOutputs } from '../../db/outputs/list.ts';
import { eventually } from '../../testing/eventually.ts';
import { startFakeGemini } from '../../testing/fake-gemini.ts';
import type { FakeModelServer } from '../../testing/fake-model-server.ts';
import { edgeOf, nodeOf } from '../../testing/graphs.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../../testing/installation.ts';
import { makePicture } from '../../testing/media.ts';

const apiKey = 'a-key-of-the-test';
const model = 'gemini-fake';

let gemini: FakeModelServer;
let installation: TestInstallation;
let server: InstalledServer;
let photoUrl: string;

beforeAll(async () => {
  gemini = await startFakeGemini({ apiKey });
  installation = await createTestInstallation('postgres', { GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: gemini.url });
  [server] = await Promise.all([installation.startServer(), installation.startWorker()]);
  photoUrl = (await server.api.upload(await makePicture('jpeg', 400, 300))).url;
});
afterEach(() => installation.pool.query('delete from output_cache'));
afterAll(async () => {
  await installation.stop();
  await gemini.stop();
});

const half = { x_percent: 0, y_percent: 0, width_percent: 50, height_percent: 100 };

/**
 *  photo -> wide -> small -> sure     (a crop of a crop, and a model that always answers the same)
 *                   question -> sure, moody -> pause
 */
function graphOf(change: Readonly<Record<string, object>> = {}): Graph {
  const node = (id: string, type: string, data: object) => nodeOf(id, type, { ...data, ...change[id] });
  return {
    nodes: [
      node('photo', 'image', { file: { url: photoUrl, name: 'photo', type: 'image/jpeg' } }),
      node('wide', 'cropImage', half),
      node('small', 'cropImage', half),
      node('question', 'text', { text: 'What is it?' }),
      node('sure', 'llm', { model, temperature: 0 }),
      node('moody', 'llm', { model }),
      node('pause', 'delay', { ms: 0 }),
    ],
    edges: [
      edgeOf('photo', 'wide'),
      edgeOf('wide', 'small'),
      edgeOf('small', 'sure', { targetHandle: 'images' }),
      edgeOf('question', 'sure', { targetHandle: 'user_message' }),
      edgeOf('question', 'moody', { targetHandle: 'user_message' }),
      edgeOf('moody', 'pause'),
    ],
  };
}

async function planOf(workflow: number, body: StartRunBody = {}): Promise<Record<string, PlanEntry>> {
  const answer = await server.api.request('POST', `/api/workflows/${workflow}/plan`, body);
  expect(answer.status).toBe(200);
  return Object.fromEntries(runPlanSchema.parse(answer.body).nodes.map((entry) => [entry.nodeId, entry]));
}
const forecastOf = async (workflow: number, body?: StartRunBody) =>
  Object.fromEntries(Object.values(await planOf(workflow, body)).map(({ nodeId, forecast }) => [nodeId, forecast]));

/** Runs it to the end, and until so many outputs are in the cache; says which nodes the cache served. */
async function runIt(workflow: number, keeps: number, body?: StartRunBody) {
  const id = await server.api.start(workflow, body);
  const run = await server.api.finished(id);
  expect(run.status).toBe('COMPLETED');
  await eventually(async () => (await installation.pool.query('select from output_cache')).rows.length === keeps);
  const did = run.nodeExecutions.map(({ nodeId, cached }) => [nodeId, cached ? 'cached' : 'executed'] as const);
  return { id, did: Object.fromEntries(did) };
}
const change = (workflow: number, data: Graph) => server.api.request('PUT', `/api/workflows/${workflow}`, { data });

const inline = { photo: 'executed', question: 'executed' };
const varying = { moody: 'executed', pause: 'executed' };

test('a plan says before each run what it will find in the cache, and the run does that', async () => {
  const workflow = await server.api.createWorkflow(graphOf());
  expect(await forecastOf(workflow)).toEqual({
    ...inline,
    ...varying,
    wide: 'executed',
    small: 'unsure',
    sure: 'unsure',
  });
  const first = await runIt(workflow, 3);

  const again = await planOf(workflow);
  expect(again['small']).toMatchObject({
    action: 'run',
    forecast: 'cached',
    reason: 'From the cache: an earlier result with the same data and inputs stands in.',
    cachedFrom: { run: { id: first.id } },
  });
  expect(again['moody']).toMatchObject({ forecast: 'executed', cachedFrom: null });
  const foretold = await forecastOf(workflow);
  expect(foretold).toEqual({ ...inline, ...varying, wide: 'cached', small: 'cached', sure: 'cached' });
  const second = await runIt(workflow, 3);
  expect(second.did).toEqual(foretold);
  expect((await planOf(workflow))['small']).toMatchObject({ cachedFrom: { run: { id: second.id } } });

  await change(workflow, graphOf({ small: { width_percent: 25 } }));
  const changed = await forecastOf(workflow);
  expect(changed).toEqual({ ...inline, ...varying, wide: 'cached', small: 'executed', sure: 'unsure' });
  expect((await runIt(workflow, 5)).did).toEqual({ ...changed, sure: 'executed' });
});

test('outputs of another workflow stand in, and no run of this one is named for them', async () => {
  await runIt(await server.api.createWorkflow(graphOf()), 3);
  const plan = await planOf(await server.api.createWorkflow(graphOf({ wide: { label: 'Another name' } })));
  expect(plan['wide']).toMatchObject({ forecast: 'cached', cachedFrom: { run: null, madeAt: expect.any(String) } });
});

test('a run that wants fresh results is foretold none, one that wants earlier ones all there are', async () => {
  const workflow = await server.api.createWorkflow(graphOf());
  await runIt(workflow, 5, { useCache: true });
  const fresh = await forecastOf(workflow, { useCache: false });
  expect(new Set(Object.values(fresh))).toEqual(new Set(['executed']));
  expect((await runIt(workflow, 5, { useCache: false })).did).toEqual(fresh);
  const earlier = await forecastOf(workflow, { useCache: true });
  const all = { wide: 'cached', small: 'cached', sure: 'cached', moody: 'cached', pause: 'cached' };
  expect(earlier).toEqual({ ...inline, ...all });
  expect((await runIt(workflow, 5, { useCache: true })).did).toEqual(earlier);
});

test('a part of a workflow is foretold from the outputs that it reuses', async () => {
  const workflow = await server.api.createWorkflow(graphOf());
  await runIt(workflow, 3);
  const scope: StartRunBody = { mode: 'selected', nodeIds: ['small'] };
  expect(await planOf(workflow, scope)).toMatchObject({
    wide: { action: 'reuse', forecast: null, cachedFrom: null },
    small: { action: 'run', forecast: 'cached' },
    sure: { action: 'skip', forecast: null, cachedFrom: null },
  });
  expect((await runIt(workflow, 3, scope)).did).toMatchObject({ small: 'cached' });
});

test('an output whose file is gone does not stand in, in the plan and in the run', async () => {
  const workflow = await server.api.createWorkflow(graphOf({ wide: { width_percent: 40 } }));
  const { id } = await runIt(workflow, 3);
  const { wide, small } = await server.api.nodes(id);
  const fileOf = (node: typeof wide) => node!.outputData!['output'] as { assetId: string; sha256: string };
  await rm(path.join(installation.dataDir, 'assets', contentKey(fileOf(small).sha256)));
  expect(await forecastOf(workflow)).toMatchObject({ wide: 'cached', small: 'executed', sure: 'unsure' });
  await installation.pool.query('delete from assets where id = $1', [fileOf(wide).assetId]);
  const foretold = await forecastOf(workflow);
  expect(foretold).toMatchObject({ wide: 'executed', small: 'unsure' });
  expect((await runIt(workflow, 3)).did).toMatchObject({ wide: 'executed', small: 'executed' });
});

test('outputs are held up to a limit; those beyond it are known to be there, no more', async () => {
  await runIt(await server.api.createWorkflow(graphOf()), 3);
  const { pool } = installation;
  const { rows } = await pool.query<{ key: string; user_id: string }>('select key, user_id from output_cache');
  const keys = rows.map(({ key }) => key);
  const whole = await listCachedOutputs(pool, rows[0]!.user_id, keys, 1_000_000);
  expect(whole.map(({ outputs, characters }) => JSON.stringify(outputs).length <= characters)).toEqual([
    true,
    true,
    true,
  ]);
  const room = whole[0]!.characters + whole[1]!.characters;
  const cut = await listCachedOutputs(pool, rows[0]!.user_id, keys, room);
  expect(cut.map(({ outputs }) => outputs !== null)).toEqual([true, true, false]);
  expect(await listCachedOutputs(pool, 'somebody else', keys, 1_000_000)).toEqual([]);
});
