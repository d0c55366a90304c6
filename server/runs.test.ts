import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { runDetailSchema, runPageSchema } from '../core/api/runs.ts';
import { runPlanSchema } from '../core/api/run-plan.ts';
import { askAgain } from '../testing/ask-again.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
  player = await createRunPlayer(server.database.pool);
});
afterAll(() => server.stop());

async function addWorkflow(data: object = smallGraph()): Promise<number> {
  const answer = await user.call('POST', '/api/workflows', { body: { name: 'w', data } });
  expect(answer.status).toBe(201);
  return answer.body.id;
}
const startRun = async (workflow: number, body?: object) =>
  (await user.call('POST', `/api/workflows/${workflow}/run`, body === undefined ? {} : { body })).body;

describe('starting a run', () => {
  test('answers 202 with a PENDING run that is durable, with all its nodes', async () => {
    const workflow = await addWorkflow();
    const answer = await user.call('POST', `/api/workflows/${workflow}/run`);
    expect(answer.status).toBe(202);
    const run = runDetailSchema.parse(answer.body);
    expect(run).toMatchObject({
      workflowId: workflow,
      status: 'PENDING',
      triggerType: 'API',
      mode: 'all',
      error: null,
    });
    expect(run.nodeExecutions.map((node) => node.nodeId)).toEqual(['a', 'b']);
    expect(answer.headers.get('location')).toBe(`/api/runs/${run.id}`);
    expect(runDetailSchema.parse((await user.call('GET', `/api/runs/${run.id}`)).body)).toEqual(run);
  });

  test.each([
    ['nothing', undefined],
    ['a person', { triggerType: 'MANUAL' }],
    ['a program', { triggerType: 'API' }],
  ])('says who started it by the door that it came in by, where the body says %s', async (_what, body) => {
    const workflow = await addWorkflow();
    const path = `/api/workflows/${workflow}/run`;
    const person = await server.signIn(user);
    const options = { headers: { origin: server.url }, body: body ?? {} };
    expect((await person.call('POST', path, options)).body.triggerType).toBe('MANUAL');
    expect((await user.call('POST', path, { body: body ?? {} })).body.triggerType).toBe('API');
  });

  test('with a cause of the installation itself is refused with what to do', async () => {
    const path = `/api/workflows/${await addWorkflow()}/run`;
    const answer = await user.call('POST', path, { body: { triggerType: 'SCHEDULE' } });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([
      { code: 'REQUEST_INVALID', path: 'triggerType', message: expect.stringContaining('Leave triggerType out') },
    ]);
  });

  test('keeps the graph as it was, whatever is saved afterwards', async () => {
    const workflow = await addWorkflow();
    const before = await startRun(workflow);
    const again = await startRun(workflow);
    await user.call('PUT', `/api/workflows/${workflow}`, { body: { data: smallGraph('changed') } });
    const after = await startRun(workflow);
    expect(again.workflowVersionId).toBe(before.workflowVersionId);
    expect(after.workflowVersionId).not.toBe(before.workflowVersionId);
    expect((await user.call('GET', `/api/runs/${before.id}/graph`)).body).toEqual(smallGraph());
    expect((await user.call('GET', `/api/runs/${after.id}/graph`)).body).toEqual(smallGraph('changed'));
  });

  test.each([
    ['an empty workflow', { nodes: [], edges: [] }, undefined, 422, 'GRAPH_EMPTY'],
    [
      'an incomplete node',
      { nodes: [{ id: 'i', type: 'image', data: {} }], edges: [] },
      undefined,
      422,
      'NODE_DATA_INVALID',
    ],
    ['a selection of nothing', smallGraph(), { mode: 'selected' }, 400, 'REQUEST_INVALID'],
    ['a node that is not there', smallGraph(), { nodeIds: ['x'] }, 422, 'NODE_NOT_FOUND'],
    ['a selection whose input never ran', smallGraph(), { nodeIds: ['b'] }, 422, 'MISSING_UPSTREAM_OUTPUT'],
    ['an unknown field', smallGraph(), { status: 'COMPLETED' }, 400, 'FIELD_UNKNOWN'],
    ['the cause that only a retry has', smallGraph(), { triggerType: 'RETRY' }, 400, 'REQUEST_INVALID'],
    ['the cause that only a schedule has', smallGraph(), { triggerType: 'SCHEDULE' }, 400, 'REQUEST_INVALID'],
    ['the cause that only a webhook has', smallGraph(), { triggerType: 'WEBHOOK' }, 400, 'REQUEST_INVALID'],
  ])('of %s is refused', async (_what, data, body, status, code) => {
    const workflow = await addWorkflow(data);
    const answer = await user.call('POST', `/api/workflows/${workflow}/run`, body === undefined ? {} : { body });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect((await user.call('GET', `/api/workflows/${workflow}/runs`)).body.items).toEqual([]);
  });

  test('of a selection takes what it needs from the newest earlier run', async () => {
    const workflow = await addWorkflow();
    await player.finish((await startRun(workflow)).id);
    const run = runDetailSchema.parse(await startRun(workflow, { nodeIds: ['b'] }));
    expect(run).toMatchObject({ mode: 'selected', nodeIds: ['b'] });
    const [a, b] = run.nodeExecutions;
    expect(a).toMatchObject({ nodeId: 'a', status: 'COMPLETED', cached: true, outputData: { output: 'from a' } });
    expect(b).toMatchObject({ nodeId: 'b', status: 'PENDING', cached: false });
  });

  test('can wait for the end, and gives up waiting in time', async () => {
    const workflow = await addWorkflow();
    const waiting = user.call('POST', `/api/workflows/${workflow}/run?wait=20`);
    let id: string | undefined;
    while (id === undefined) {
      id = (await user.call('GET', `/api/workflows/${workflow}/runs`)).body.items[0]?.id;
    }
    await player.finish(id);
    const ended = await waiting;
    expect(ended).toMatchObject({ status: 202, body: { id, status: 'COMPLETED' } });
    expect(ended.body.nodeExecutions.every((node: { status: string }) => node.status === 'COMPLETED')).toBe(true);
    expect((await user.call('POST', `/api/workflows/${workflow}/run?wait=0.3`)).body.status).toBe('PENDING');
    expect((await user.call('POST', `/api/workflows/${workflow}/run?wait=61`)).body.code).toBe('REQUEST_INVALID');
  });
});

describe('an Idempotency-Key', () => {
  const post = (workflow: number, key: string, body: object = {}) =>
    user.call('POST', `/api/workflows/${workflow}/run`, { body, headers: { 'idempotency-key': key } });

  test('makes one run of fifty posts at once, on several servers, and all get it', async () => {
    const second = await server.startAnother();
    const workflow = await addWorkflow();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        askAgain(() =>
          fetch(`${i % 2 === 0 ? server.url : second.url}/api/workflows/${workflow}/run`, {
            method: 'POST',
            headers: { authorization: `Bearer ${user.key}`, 'idempotency-key': 'fifty' },
          }),
        ).then(async (response) => ({
          status: response.status,
          id: z.object({ id: z.string() }).parse(await response.json()).id,
        })),
      ),
    );
    await second.stop();
    const runs = (await user.call('GET', `/api/workflows/${workflow}/runs`)).body.items;
    expect(runs).toHaveLength(1);
    expect(new Set(answers.map(({ status, id }) => `${status} ${id}`))).toEqual(new Set([`202 ${runs[0].id}`]));
  });

  test('that comes back later gives the same run, and says so', async () => {
    const workflow = await addWorkflow();
    const first = await post(workflow, 'again');
    const repeated = await post(workflow, 'again');
    expect(repeated.body.id).toBe(first.body.id);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(repeated.headers.get('idempotent-replayed')).toBe('true');
  });

  test('with another body is refused', async () => {
    const workflow = await addWorkflow();
    await post(workflow, 'other');
    const refused = await post(workflow, 'other', { useCache: false });
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  test('of a request that failed is free again', async () => {
    const workflow = await addWorkflow({ nodes: [], edges: [] });
    expect((await post(workflow, 'failed')).status).toBe(422);
    await user.call('PUT', `/api/workflows/${workflow}`, { body: { data: smallGraph() } });
    expect((await post(workflow, 'failed')).status).toBe(202);
  });

  test('of a server that died between making the run and answering finds that run', async () => {
    const workflow = await addWorkflow();
    const first = await post(workflow, 'died');
    // As the death left it: the run is there, its answer is not, and nobody is working on it any more.
    await server.database.db
      .updateTable('idempotency_keys')
      .set({ status: null, response: null, taken_at: new Date(0) })
      .where('key', '=', 'died')
      .execute();
    // By now it could not be started.
    await user.call('PUT', `/api/workflows/${workflow}`, { body: { data: { nodes: [], edges: [] } } });
    const second = await post(workflow, 'died');
    expect({ status: second.status, id: second.body.id }).toEqual({ status: 202, id: first.body.id });
    expect((await user.call('GET', `/api/workflows/${workflow}/runs`)).body.items).toHaveLength(1);
  });

  test('belongs to one user', async () => {
    const another = await server.addUser();
    const workflow = await addWorkflow();
    await post(workflow, 'mine');
    const theirs = await another.call('POST', '/api/workflows', { body: { name: 'x', data: smallGraph() } });
    const run = await another.call('POST', `/api/workflows/${theirs.body.id}/run`, {
      body: {},
      headers: { 'idempotency-key': 'mine' },
    });
    expect(run.body.workflowId).toBe(theirs.body.id);
  });

  test('has 1 to 255 visible ASCII characters', async () => {
    const workflow = await addWorkflow();
    for (const key of ['x'.repeat(256), 'with space']) {
      expect((await post(workflow, key)).body.code).toBe('REQUEST_INVALID');
    }
  });
});

describe('the history of runs', () => {
  test('is paged newest first without gap or repetition, while new runs come in', async () => {
    const workflow = await addWorkflow();
    const ids: string[] = [];
    for (let i = 0; i < 7; i += 1) ids.push((await startRun(workflow)).id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = runPageSchema.parse(
        (await user.call('GET', `/api/workflows/${workflow}/runs?limit=3${query}`)).body,
      );
      seen.push(...page.items.map((run) => run.id));
      cursor = page.nextCursor;
      await startRun(workflow);
    }
    expect(seen).toEqual(ids.toReversed());
  });

  test('can be narrowed to a status, over all workflows', async () => {
    const mine = await server.addUser();
    const workflow = (await mine.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body.id;
    const done = (await mine.call('POST', `/api/workflows/${workflow}/run`)).body.id;
    const open = (await mine.call('POST', `/api/workflows/${workflow}/run`)).body.id;
    await player.finish(done);
    const idsOf = async (query: string) =>
      (await mine.call('GET', `/api/runs${query}`)).body.items.map((run: { id: string }) => run.id);
    expect(await idsOf('')).toEqual([open, done]);
    expect(await idsOf('?status=COMPLETED')).toEqual([done]);
    expect(await idsOf('?status=FAILED')).toEqual([]);
  });

  test.each(['x', 'e30', Buffer.from('["runs","2020","1"]').toString('base64url')])(
    'refuses the cursor %s',
    async (cursor) => {
      const answer = await user.call('GET', `/api/runs?cursor=${cursor}`);
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code: 'CURSOR_INVALID' });
    },
  );

  test('refuses a cursor of another list', async () => {
    const workflow = await addWorkflow();
    await startRun(workflow);
    await startRun(workflow);
    const { nextCursor } = (await user.call('GET', `/api/workflows/${workflow}/runs?limit=1`)).body;
    expect((await user.call('GET', `/api/runs?cursor=${nextCursor}`)).body.code).toBe('CURSOR_INVALID');
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'status=DONE', 'page=2'])('refuses the query %s', async (query) => {
    expect((await user.call('GET', `/api/runs?${query}`)).status).toBe(400);
  });
});

describe('the events of a run', () => {
  test('come in order, in pages, with what each node gave', async () => {
    const run = await startRun(await addWorkflow());
    await player.finish(run.id);
    const all = (await user.call('GET', `/api/runs/${run.id}/events`)).body;
    expect(all.nextAfter).toBeNull();
    expect(all.items.map((event: { seq: number }) => event.seq)).toEqual(
      all.items.map((_: unknown, i: number) => i + 1),
    );
    expect(all.items[0]).toMatchObject({ type: 'run.updated', status: 'PENDING', runId: run.id });
    expect(all.items.at(-1)).toMatchObject({ type: 'run.updated', status: 'COMPLETED' });
    const page = (await user.call('GET', `/api/runs/${run.id}/events?after=2&limit=2`)).body;
    expect(page).toEqual({ items: all.items.slice(2, 4), nextAfter: 4 });
  });
});

describe('ending a run', () => {
  test('by cancel stops all of it, and may be repeated', async () => {
    const run = await startRun(await addWorkflow());
    await player.begin(run.id);
    expect(await user.call('POST', `/api/runs/${run.id}/cancel`)).toMatchObject({
      status: 202,
      body: { status: 'CANCELLED' },
    });
    expect((await user.call('POST', `/api/runs/${run.id}/cancel`)).status).toBe(202);
    const { nodeExecutions } = (await user.call('GET', `/api/runs/${run.id}`)).body;
    expect(nodeExecutions.map((node: { status: string }) => node.status)).toEqual(['CANCELLED', 'CANCELLED']);
  });

  test('that is finished already is refused', async () => {
    const run = await startRun(await addWorkflow());
    await player.finish(run.id);
    const answer = await user.call('POST', `/api/runs/${run.id}/cancel`);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 409, code: 'RUN_ALREADY_FINISHED' });
  });

  test('and retrying makes a new run of what did not complete', async () => {
    const run = await startRun(await addWorkflow());
    expect((await user.call('POST', `/api/runs/${run.id}/retry`)).body.code).toBe('RUN_NOT_FINISHED');
    await player.step(run.id);
    await player.fail(run.id, 'broken');
    const retry = await user.call('POST', `/api/runs/${run.id}/retry`);
    expect(retry).toMatchObject({ status: 202, body: { retryOf: run.id, triggerType: 'RETRY', status: 'PENDING' } });
    expect(retry.body.nodeExecutions).toMatchObject([
      { nodeId: 'a', status: 'COMPLETED', cached: true },
      { nodeId: 'b', status: 'PENDING' },
    ]);
    await player.finish(retry.body.id);
    expect((await user.call('POST', `/api/runs/${retry.body.id}/retry`)).body.code).toBe('RUN_NOTHING_TO_RETRY');
  });

  test('cannot be had of a list alone where nothing of it is under way, and places are those of what failed', async () => {
    const run = await startRun(await addWorkflow());
    const steer = (body: object) => user.call('POST', `/api/runs/${run.id}/lists`, { body: { nodeId: 'a', ...body } });
    expect((await steer({ action: 'retryFailed', at: [0] })).body.code).toBe('NODE_NOT_FOUND');
    for (const body of [
      { action: 'pause', at: [0] },
      { action: 'retryFailed', at: [] },
      { action: 'retryFailed', at: [-1] },
    ]) {
      expect(await steer(body)).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    }
  });

  test('is needed before it can be deleted', async () => {
    const run = await startRun(await addWorkflow());
    expect((await user.call('DELETE', `/api/runs/${run.id}`)).body.code).toBe('RUN_NOT_FINISHED');
    await player.finish(run.id);
    expect((await user.call('DELETE', `/api/runs/${run.id}`)).status).toBe(204);
    expect((await user.call('GET', `/api/runs/${run.id}`)).body.code).toBe('RUN_NOT_FOUND');
  });
});

describe('a plan', () => {
  test('says of each node whether it runs, is reused or has no part, and starts nothing', async () => {
    const graph = smallGraph();
    const workflow = await addWorkflow({ ...graph, nodes: [...graph.nodes, { id: 'n', type: 'note', data: {} }] });
    const plan = async (body: object) =>
      runPlanSchema
        .parse((await user.call('POST', `/api/workflows/${workflow}/plan`, { body })).body)
        .nodes.map(({ nodeId, action }) => `${nodeId} ${action}`);
    expect(await plan({})).toEqual(['a run', 'b run']);
    expect(await plan({ nodeIds: ['b'] })).toEqual(['a reuse', 'b run']);
    expect(await plan({ mode: 'to', nodeIds: ['a'] })).toEqual(['a run', 'b skip']);
    expect((await user.call('GET', `/api/workflows/${workflow}/runs`)).body.items).toEqual([]);
  });
});

describe('variants of a node', () => {
  const changes = [{ ms: 1 }, { ms: 2 }, { ms: null }];

  test('run beside each other with what the node needs, which is reused, and change nothing of the workflow', async () => {
    const workflow = await addWorkflow();
    await player.finish((await startRun(workflow)).id);
    const run = runDetailSchema.parse(await startRun(workflow, { variants: { nodeId: 'b', changes } }));
    expect(run).toMatchObject({ mode: 'selected', nodeIds: ['b~1', 'b~2', 'b~3'] });
    expect(run.nodeExecutions.map(({ nodeId, status }) => `${nodeId} ${status}`)).toEqual([
      'a COMPLETED',
      'b~1 PENDING',
      'b~2 PENDING',
      'b~3 PENDING',
    ]);
    await player.finish(run.id);
    const again = await user.call('GET', `/api/runs/${run.id}`);
    expect(again.body).toMatchObject({ status: 'COMPLETED' });
    const { body } = await user.call('GET', `/api/workflows/${workflow}`);
    expect(body.data.nodes.map(({ id }: { id: string }) => id)).toEqual(['a', 'b']);
  });

  test('take along what they need where that never ran, and are planned in the same way', async () => {
    const workflow = await addWorkflow();
    const body = { mode: 'to', variants: { nodeId: 'b', changes } };
    const { nodes } = runPlanSchema.parse((await user.call('POST', `/api/workflows/${workflow}/plan`, { body })).body);
    expect(nodes.map(({ nodeId, action }) => `${nodeId} ${action}`)).toEqual([
      'a run',
      'b~1 run',
      'b~2 run',
      'b~3 run',
    ]);
    expect(await startRun(workflow, body)).toMatchObject({ mode: 'to', status: 'PENDING' });
  });

  test.each([
    ['of a node that is not there', { variants: { nodeId: 'x', changes } }, 'NODE_NOT_FOUND'],
    ['of which one is wrong', { variants: { nodeId: 'b', changes: [{ ms: -1 }] } }, 'NODE_DATA_INVALID'],
    ['with a key', { variants: { nodeId: 'b', changes: [{ note: `AIza${'Q'.repeat(35)}` }] } }, 'SECRET_IN_GRAPH'],
    ['beside other nodes', { nodeIds: ['a'], variants: { nodeId: 'b', changes } }, 'REQUEST_INVALID'],
    ['of everything after it', { mode: 'from', variants: { nodeId: 'b', changes } }, 'REQUEST_INVALID'],
  ])('%s are refused', async (_what, body, code) => {
    const workflow = await addWorkflow();
    expect((await startRun(workflow, body)).code).toBe(code);
    expect((await user.call('GET', `/api/workflows/${workflow}/runs`)).body.items).toEqual([]);
  });

  test('need a key that may change workflows', async () => {
    const workflow = await addWorkflow();
    const runner = await server.addKey(user, { scopes: ['read', 'run'] });
    const answer = await runner.call('POST', `/api/workflows/${workflow}/run`, {
      body: { variants: { nodeId: 'a', changes } },
    });
    expect([answer.status, answer.body.code]).toEqual([403, 'SCOPE_MISSING']);
  });
});
