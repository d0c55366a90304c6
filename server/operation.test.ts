import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { drainingWorkerSchema, queuesSchema, workersSchema } from '../core/api/admin.ts';
import { runDetailSchema, runPageSchema } from '../core/api/runs.ts';
import { usageSchema } from '../core/api/usage.ts';
import { advanceNodeExecutions } from '../db/nodes/advance.ts';
import { beginRuns } from '../db/runs/begin.ts';
import { failNodeExecutions } from '../db/nodes/fail.ts';
import { requeueNodeExecutions } from '../db/nodes/requeue.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let owner: TestUser;
let player: RunPlayer;

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.addUser('owner');
  player = await createRunPlayer(server.database.pool);
});
afterAll(() => server.stop());

async function startRun(user: TestUser): Promise<string> {
  const workflow = await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } });
  const run = await user.call('POST', `/api/workflows/${workflow.body.id}/run`);
  expect(run.status).toBe(202);
  return run.body.id;
}

test('what a model counted stands at the node, in the events and in the usage of the account', async () => {
  const user = await server.addUser();
  const runId = await startRun(user);
  const usage = { inputTokens: 120, outputTokens: 30, costUsd: 0.0025 };
  await player.step(runId, undefined, usage);
  const run = runDetailSchema.parse((await user.call('GET', `/api/runs/${runId}`)).body);
  expect(run.nodeExecutions.map((node) => node.usage)).toEqual([usage, null]);
  const events = await user.call('GET', `/api/runs/${runId}/events`);
  const completed = events.body.items.filter(({ status }: { status: string }) => status === 'COMPLETED');
  expect(completed).toMatchObject([{ nodeId: 'a', usage }]);
  const counted = usageSchema.parse((await user.call('GET', '/api/usage')).body);
  expect(counted.tokens).toEqual({ input: 120, output: 30, costUsd: 0.0025 });
});

test('an answer that failed is paid: what each attempt used is added up, at the node and in the account', async () => {
  const user = await server.addUser();
  const runId = await startRun(user);
  const { pool } = server.database;
  const usage = { inputTokens: 7, outputTokens: 2, costUsd: 0.5 };
  const claim = async () => {
    const { ready } = await beginRuns(pool, [runId]);
    return (await advanceNodeExecutions(pool, player.workerId, { completions: [], claims: ready })).claims[0]!;
  };
  const { id, attempt } = await claim();
  const ended = { id, runId, code: 'PROVIDER_EMPTY', message: 'Nothing.', crashed: false, usage };
  const { ready } = await requeueNodeExecutions(pool, [{ ...ended, attempt, delayMs: 0 }]);
  await advanceNodeExecutions(pool, player.workerId, { completions: [], claims: ready });
  await failNodeExecutions(pool, [{ ...ended, attempt: attempt + 1, inputs: null }]);
  const twice = { inputTokens: 14, outputTokens: 4, costUsd: 1 };
  const run = runDetailSchema.parse((await user.call('GET', `/api/runs/${runId}`)).body);
  expect(run.nodeExecutions[0]).toMatchObject({ status: 'FAILED', usage: twice });
  const events = await user.call('GET', `/api/runs/${runId}/events`);
  const failed = events.body.items.filter(({ status }: { status: string }) => status === 'FAILED');
  expect(failed[0]).toMatchObject({ usage: twice });
  const counted = usageSchema.parse((await user.call('GET', '/api/usage')).body);
  expect(counted.tokens).toEqual({ input: 14, output: 4, costUsd: 1 });
});

test.each([
  [{ inputTokens: 1e30, outputTokens: 1e30 }],
  [{ inputTokens: 7.5, outputTokens: 2.5 }],
  [{ inputTokens: '7', outputTokens: null }],
  [{ inputTokens: -7, outputTokens: -2 }],
  [{ inputTokens: {}, costUsd: 'free' }],
  [[]],
  ['seven'],
])('oown-usage-huge, oown-usage-fraction: a row with the usage %j breaks no page', async (odd) => {
  const user = await server.addUser();
  const runId = await startRun(user);
  await player.step(runId, undefined, { inputTokens: 120, outputTokens: 30 });
  await player.step(runId, undefined, { inputTokens: 5, outputTokens: 5 });
  await server.database.pool.query(`update node_executions set usage = $2 where run_id = $1 and node_id = 'b'`, [
    runId,
    JSON.stringify(odd),
  ]);
  const run = await user.call('GET', `/api/runs/${runId}`);
  expect(runDetailSchema.parse(run.body).nodeExecutions.map((node) => node.usage)).toEqual([
    { inputTokens: 120, outputTokens: 30 },
    null,
  ]);
  expect((await user.call('GET', `/api/runs/${runId}/events`)).status).toBe(200);
  const counted = usageSchema.parse((await user.call('GET', '/api/usage')).body);
  expect(counted.tokens).toEqual({ input: 120, output: 30, costUsd: 0 });
});

test('usage counts the runs and files of the account alone', async () => {
  const user = await server.addUser();
  await player.finish(await startRun(user));
  await player.fail(await startRun(user), 'broken');
  await player.finish(await startRun(await server.addUser()));
  const usage = usageSchema.parse((await user.call('GET', '/api/usage')).body);
  expect(usage.runs).toEqual({ total: 2, completed: 1, failed: 1, cancelled: 0 });
  expect(usage.storage).toMatchObject({ files: 0, bytes: 0 });
  expect(usage.storage.maxBytes).toBeGreaterThan(0);
});

test('a run says who started it', async () => {
  const user = await server.addUser();
  const { email } = (await user.call('GET', '/api/me')).body;
  const runId = await startRun(user);
  const run = runDetailSchema.parse((await user.call('GET', `/api/runs/${runId}`)).body);
  const history = await user.call('GET', `/api/workflows/${run.workflowId}/runs`);
  expect(run.startedBy).toBe(email);
  expect(runPageSchema.parse(history.body).items[0]?.startedBy).toBe(email);
});

test('an owner sees which attempts a worker runs, and what failed within the hour', async () => {
  const user = await server.addUser();
  const runId = await startRun(user);
  const { ready } = await beginRuns(server.database.pool, [runId]);
  await advanceNodeExecutions(server.database.pool, player.workerId, { completions: [], claims: ready });
  const workers = workersSchema.parse((await owner.call('GET', '/api/workers')).body);
  const worker = workers.items.find(({ id }) => id === player.workerId);
  expect(worker?.attempts.filter((attempt) => attempt.runId === runId)).toMatchObject([{ nodeId: 'a', attempt: 1 }]);
  expect(worker?.attempts[0]?.startedAt).toMatch(/^\d{4}-.*Z$/);

  const before = queuesSchema.parse((await owner.call('GET', '/api/queues')).body).lastHour;
  await player.fail(await startRun(user), 'broken');
  const after = queuesSchema.parse((await owner.call('GET', '/api/queues')).body).lastHour;
  expect(after).toEqual({
    runs: before.runs + 1,
    failedRuns: before.failedRuns + 1,
    failedNodes: before.failedNodes + 1,
  });
});

test('the owner asks a worker to drain; others may not, and a worker that is gone is not found', async () => {
  const path = `/api/admin/workers/${player.workerId}/drain`;
  expect((await (await server.addUser()).call('POST', path)).status).toBe(403);
  const asked = await owner.call('POST', path);
  expect(asked.status).toBe(202);
  expect(drainingWorkerSchema.parse(asked.body).id).toBe(player.workerId);
  const { rows } = await server.database.pool.query('select drain_requested_at from workers where id = $1', [
    player.workerId,
  ]);
  expect(rows[0]).toMatchObject({ drain_requested_at: expect.any(Date) });
  const unknown = await owner.call('POST', '/api/admin/workers/00000000-0000-4000-8000-000000000000/drain');
  expect(unknown).toMatchObject({ status: 404, body: { code: 'WORKER_NOT_FOUND' } });
});

test('a node that is turned off is left out of a run, with what needs it', async () => {
  const user = await server.addUser();
  const graph = smallGraph();
  const turnOff = (id: string) => ({
    ...graph,
    nodes: graph.nodes.map((node) => (node.id === id ? { ...node, data: { ...node.data, off: true } } : node)),
  });
  const created = await user.call('POST', '/api/workflows', { body: { name: 'off', data: turnOff('b') } });
  const path = `/api/workflows/${created.body.id}`;
  const plan = await user.call('POST', `${path}/plan`);
  expect(plan.body.nodes).toMatchObject([{ action: 'run' }, { action: 'skip', reason: 'It is turned off.' }]);
  const run = runDetailSchema.parse((await user.call('POST', `${path}/run`)).body);
  expect(run.nodeExecutions.map(({ nodeId }) => nodeId)).toEqual(['a']);

  await user.call('PUT', path, { body: { data: turnOff('a') } });
  const refused = await user.call('POST', `${path}/run`);
  expect(refused.body).toMatchObject({ code: 'GRAPH_EMPTY', detail: expect.stringContaining('turned off') });
});
