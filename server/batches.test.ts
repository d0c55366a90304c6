import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { upload } from '../testing/things.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
let workflow: number;
beforeAll(async () => {
  server = await startTestServer({ RUN_ACTIVE_PER_USER: '5' });
  player = await createRunPlayer(server.database.pool);
});
/** Runs that one test leaves behind take no turns of the next. */
beforeEach(async () => {
  user = await server.addUser();
  workflow = await makeWorkflow();
});
afterAll(() => server.stop());

async function makeWorkflow(): Promise<number> {
  const data = {
    nodes: [
      nodeOf('t', 'text', { text: 'own', input: { name: 'topic', maxLength: 50 } }),
      nodeOf('o', 'output', { name: 'said' }),
    ],
    edges: [edgeOf('t', 'o', { targetHandle: 'value' })],
  };
  const made = await user.call('POST', '/api/workflows', { body: { name: 'Tea', data } });
  expect(made.status).toBe(201);
  return made.body.id;
}

const start = (rows: readonly object[], rest: object = {}, headers: Record<string, string> = {}) =>
  user.call('POST', `/api/workflows/${workflow}/batches`, { body: { rows, ...rest }, headers });
const read = async (id: string) => (await user.call('GET', `/api/batches/${id}`)).body;
const rowsOf = async (id: string, query = '') =>
  (await user.call('GET', `/api/batches/${id}/rows${query}`)).body.items as readonly ReturnType<typeof JSON.parse>[];

/** Plays every run of the batch until nothing of it is left. */
async function playAll(id: string, play: (runId: string, number: number) => Promise<unknown>): Promise<void> {
  const played = new Set<string>();
  await eventually(async () => {
    for (const { runId, number, status } of await rowsOf(id, '?limit=100')) {
      if (status !== 'running' || played.has(runId)) continue;
      const { rows } = await server.database.pool.query('select id from workflow_runs where id = $1', [runId]);
      if (rows.length === 0) continue;
      played.add(runId);
      await play(runId, number);
    }
    expect((await read(id)).status).toBe('finished');
  });
}

describe('a batch', () => {
  test('runs a row for each set of values, and tells how far it is and what came of each', async () => {
    const made = await start([{ topic: 'a' }, { topic: 'b' }, {}], { name: 'Three' });
    expect(made).toMatchObject({
      status: 202,
      body: { workflowId: workflow, workflowVersion: null, name: 'Three', status: 'running', total: 3, window: 100 },
    });
    const { id } = made.body;
    expect(made.headers.get('location')).toBe(`/api/batches/${id}`);
    await playAll(id, (runId, number) => (number === 2 ? player.fail(runId, 'no luck') : player.finish(runId)));
    expect(await read(id)).toMatchObject({ status: 'finished', queued: 0, running: 0, done: 2, failed: 1 });
    expect(await rowsOf(id)).toMatchObject([
      { number: 1, status: 'done', inputs: { topic: 'a' }, outputs: { said: 'from o' }, error: null },
      { number: 2, status: 'failed', inputs: { topic: 'b' }, outputs: {}, error: expect.stringContaining('no luck') },
      { number: 3, status: 'done', inputs: {} },
    ]);
    expect(await rowsOf(id, '?status=failed')).toHaveLength(1);
    const first = (await user.call('GET', `/api/batches/${id}/rows?limit=2`)).body;
    const second = (await user.call('GET', `/api/batches/${id}/rows?limit=2&cursor=${first.nextCursor}`)).body;
    expect([first.items.length, second.items[0].number, second.nextCursor]).toEqual([2, 3, null]);
    const run = (await user.call('GET', `/api/runs/${first.items[0].runId}`)).body;
    expect(run).toMatchObject({ triggerType: 'BATCH', inputs: { topic: 'a' }, startedBy: user.email });

    const retried = await user.call('POST', `/api/batches/${id}/retry`);
    expect(retried.body).toMatchObject({ status: 'running', done: 2, failed: 0 });
    await playAll(id, (runId) => player.finish(runId));
    expect(await read(id)).toMatchObject({ status: 'finished', done: 3, failed: 0 });
    const again = await user.call('POST', `/api/batches/${id}/retry`);
    expect(again).toMatchObject({ status: 409, body: { code: 'BATCH_FINISHED' } });
    const { items } = (await user.call('GET', `/api/workflows/${workflow}/batches`)).body;
    expect(items).toEqual([await read(id)]);
    expect((await user.call('DELETE', `/api/batches/${id}`)).status).toBe(204);
    expect((await user.call('GET', `/api/batches/${id}`)).status).toBe(404);
  });

  test('tells who of a workspace has made it, and its runs are theirs', async () => {
    const [admin, runner] = [await server.addUser(), await server.addUser()];
    const team = await server.addWorkspace(admin, [[runner, 'runner']]);
    const { data } = (await user.call('GET', `/api/workflows/${workflow}`)).body;
    const made = await admin.call('POST', `/api/workflows?workspaceId=${team}`, { body: { name: 'Team', data } });
    const started = await runner.call('POST', `/api/workflows/${made.body.id}/batches`, { body: { rows: [{}] } });
    expect(started).toMatchObject({ status: 202, body: { startedBy: runner.email } });
    user = admin;
    await playAll(started.body.id, (runId) => player.fail(runId, 'no luck'));
    await user.call('POST', `/api/batches/${started.body.id}/retry`);
    await playAll(started.body.id, (runId) => player.finish(runId));
    const { items } = (await user.call('GET', `/api/workflows/${made.body.id}/runs`)).body;
    expect(items.map((run: { startedBy: string }) => run.startedBy)).toEqual([runner.email, runner.email]);
    const [listed] = (await user.call('GET', `/api/workflows/${made.body.id}/batches`)).body.items;
    expect(listed).toMatchObject({ startedBy: runner.email, done: 1 });
  });

  test('keeps to the graph as it was when it began, and to the version that it names', async () => {
    const path = `/api/workflows/${workflow}`;
    const begin = async (body: object) =>
      (await user.call('POST', `${path}/batches`, { body: { rows: [{}], ...body } })).body;
    const paused = await begin({});
    const { data } = (await user.call('GET', path)).body;
    const nodes = data.nodes.map((node: { id: string; data: object }) =>
      node.id === 't' ? { ...node, data: { ...node.data, text: 'changed' } } : node,
    );
    expect((await user.call('PUT', path, { body: { data: { ...data, nodes } } })).status).toBe(200);
    const runs = await eventually(async () => {
      const [row] = await rowsOf(paused.id);
      const run = await user.call('GET', `/api/runs/${row.runId}`);
      expect(run.status).toBe(200);
      return run.body;
    });
    expect(runs.inputs).toEqual({ topic: 'own' });
    await user.call('POST', `${path}/publish`);
    expect((await begin({})).workflowVersion).toBe(1);
    expect((await begin({ version: 'draft' })).workflowVersion).toBeNull();
    expect((await user.call('POST', `${path}/batches`, { body: { rows: [{}], version: 9 } })).body.code).toBe(
      'WORKFLOW_VERSION_NOT_FOUND',
    );
  });

  test('is one batch for all requests with the same key', async () => {
    const key = { 'idempotency-key': 'once' };
    const [one, two] = [await start([{}], {}, key), await start([{}], {}, key)];
    expect(two.body.id).toBe(one.body.id);
    expect(two.headers.get('idempotent-replayed')).toBe('true');
    expect((await start([{ topic: 'other' }], {}, key)).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('is paused, resumed and canceled; what is over is told so', async () => {
    const { id } = (await start(Array.from({ length: 9 }, () => ({})))).body;
    const act = (name: string) => user.call('POST', `/api/batches/${id}/${name}`);
    expect((await act('pause')).body.status).toBe('paused');
    expect((await act('resume')).body.status).toBe('running');
    expect((await user.call('DELETE', `/api/batches/${id}`)).body.code).toBe('BATCH_NOT_FINISHED');
    expect((await act('cancel')).body.status).toBe('cancelled');
    await eventually(async () => expect(await read(id)).toMatchObject({ cancelled: 9, running: 0 }));
    await eventually(async () => expect((await read(id)).finishedAt).not.toBeNull());
    for (const name of ['pause', 'resume', 'cancel']) expect((await act(name)).body.code).toBe('BATCH_FINISHED');
    expect((await act('retry')).body.code).toBe('BATCH_FINISHED');
    const rest = await user.call('POST', `/api/batches/${id}/retry`, { body: { rows: 'unfinished' } });
    expect(rest.body).toMatchObject({ status: 'running', cancelled: 0 });
    await act('cancel');
  });
});

describe('rows that cannot run', () => {
  test('are all told of before anything is kept, by their place', async () => {
    const secret = `AIza${'S'.repeat(35)}`;
    const none = '00000000-0000-4000-8000-000000000000';
    const wrong = await start([{}, { topic: 1, extra: 'x' }, { topic: 'x'.repeat(51) }, { topic: secret }]);
    expect(wrong.status).toBe(422);
    expect(wrong.body.errors.map(({ code, path }: { code: string; path: string }) => `${code} ${path}`)).toEqual([
      'RUN_INPUT_UNKNOWN rows[1].extra',
      'RUN_INPUT_INVALID rows[1].topic',
      'RUN_INPUT_INVALID rows[2].topic',
      'SECRET_IN_GRAPH rows[3].topic',
    ]);
    const missing = await user.call('POST', `/api/workflows/2000000000/batches`, { body: { rows: [{}] } });
    expect(missing.body.code).toBe('WORKFLOW_NOT_FOUND');
    expect((await user.call('GET', `/api/batches/${none}`)).body.code).toBe('BATCH_NOT_FOUND');
    expect((await start([])).status).toBe(400);
    const { rows } = await server.database.pool.query(`select 1 from batch_rows where inputs::text like '%AIza%'`);
    expect(rows).toEqual([]);
  });

  test('show in an estimate, with what the latest runs cost and took', async () => {
    const estimate = (rows: readonly object[]) =>
      user.call('POST', `/api/workflows/${workflow}/batches/estimate`, { body: { rows } });
    expect((await estimate([{}, { topic: 1 }])).body).toMatchObject({
      total: 2,
      findings: [{ path: 'rows[1].topic' }],
      basedOnRuns: 0,
      costUsd: null,
      seconds: null,
    });
    const { id } = (await user.call('POST', `/api/workflows/${workflow}/run`)).body;
    await player.finish(id);
    await server.database.pool.query(
      `update workflow_runs set started_at = finished_at - interval '8 seconds' where id = $1`,
      [id],
    );
    await server.database.pool.query(`update node_executions set usage = $2 where run_id = $1 and node_id = 'o'`, [
      id,
      JSON.stringify({ inputTokens: 1, outputTokens: 1, costUsd: 0.25 }),
    ]);
    const rows = Array.from({ length: 8 }, () => ({}));
    // Five runs of a user are under way at once at most, and a batch leaves one of them free.
    expect((await estimate(rows)).body).toMatchObject({ findings: [], basedOnRuns: 1, costUsd: 2, seconds: 16 });
  });
});

test('ten thousand rows are taken, and more are refused', async () => {
  const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ topic: `topic ${index}` }));
  const many = await start(rows(10_000));
  expect(many).toMatchObject({ status: 202, body: { total: 10_000 } });
  await user.call('POST', `/api/batches/${many.body.id}/cancel`);
  expect((await start(rows(10_001))).status).toBe(400);
});

test('the results are saved as a table that no spreadsheet runs, and as an archive with the files', async () => {
  const picture = new Uint8Array(await readFile(await makePicture('png')));
  const asset = (await user.call('POST', '/api/assets', upload(picture))).body;
  const file = { ...asset, assetId: asset.id, url: `/api/assets/${asset.id}/content` };
  const { id } = (await start([{ topic: '=1+1' }, { topic: 'a, "b"' }, { topic: asset.id }])).body;
  await playAll(id, async (runId, number) => {
    while (await player.step(runId, () => ({ output: number === 2 ? 'plain' : file }))) continue;
  });
  const csv = (await user.call('GET', `/api/batches/${id}/export`)).text.split('\r\n');
  expect(csv[0]).toBe('row,input.topic,output.said,status,error,cost_usd,duration_ms,run');
  expect(csv[1]).toMatch(new RegExp(`^1,'=1\\+1,http://.*/api/assets/${asset.id}/content,done,,,\\d+,[0-9a-f-]{36}$`));
  expect(csv[2]).toMatch(/^2,"a, ""b""",plain,done,,,\d+,[0-9a-f-]{36}$/);
  const answer = await fetch(`${server.url}/api/batches/${id}/export?format=zip`, {
    headers: { authorization: `Bearer ${user.key}` },
  });
  expect(answer.headers.get('content-type')).toBe('application/zip');
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(bytes.includes('00001/said.png')).toBe(true);
  // Of a row with one file, what came of it is named after that.
  expect(bytes.includes('00003/picture-said.png')).toBe(true);
  expect(bytes.includes(Buffer.from(picture))).toBe(true);
  expect(bytes.includes("1,'=1+1,00001/said.png,done")).toBe(true);
});
