import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { io } from 'socket.io-client';
import { auditPageSchema } from '../core/api/audit.ts';
import { clientMessages } from '../core/events/run-event.ts';
import type { WorkspaceRole } from '../core/scope.ts';
import { claimMessages, collectMessages, recordMessage } from '../db/callbacks/messages.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer } from '../testing/play-run.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let ada: TestUser;
let ben: TestUser;

beforeAll(async () => {
  // Its duties would tell callbacks before the test does.
  server = await startTestServer({}, { doesDuties: false });
  const join = async () => server.signIn(await server.addUser());
  [ada, ben] = await Promise.all([join(), join()]);
});
afterAll(() => server.stop());

const answer = async (user: TestUser, method: string, path: string, body?: unknown) => {
  const { status, body: problem } = await user.call(method, path, { body });
  return { status, code: problem.code };
};

/** A new workspace of Ada's, made by her. */
async function makeWorkspace(): Promise<string> {
  const made = await ada.call('POST', '/api/workspaces', { body: { name: 'Team' } });
  expect(made.status).toBe(201);
  return made.body.id;
}

/** Ben joins it. */
async function add(id: string, role: WorkspaceRole): Promise<void> {
  const added = await ada.call('POST', `/api/workspaces/${id}/members`, { body: { email: ben.email, role } });
  expect(added.status).toBe(201);
}

test('moving a workflow takes files, versions, triggers, callbacks and budgets along, and says what stays', async () => {
  const id = await makeWorkspace();
  await add(id, 'viewer');
  const form = new FormData();
  form.set('file', new Blob([await readFile(await makePicture('png'))]), 'cat.png');
  const asset = (await ada.call('POST', '/api/assets', { raw: form })).body;
  await ada.call('PUT', '/api/secrets/TOKEN', { body: { value: 'a secret value', hosts: ['api.example.com'] } });
  const data = {
    nodes: [
      {
        id: 'p',
        type: 'image',
        position: { x: 0, y: 0 },
        data: { file: { url: asset.url, name: 'cat.png', type: 'image/png' } },
      },
      {
        id: 'h',
        type: 'http',
        position: { x: 0, y: 0 },
        data: { url: 'https://api.example.com/', headers: 'X-Api-Key: {{secret.TOKEN}}' },
      },
    ],
    edges: [],
  };
  const made = await ada.call('POST', '/api/workflows', { body: { name: 'moving', data, draft: true } });
  const workflow = made.body.id;
  expect((await ada.call('POST', `/api/workflows/${workflow}/publish`, { body: {} })).status).toBe(201);
  const run = (await ada.call('POST', `/api/workflows/${workflow}/run`)).body.id;
  const move = () => answer(ada, 'POST', `/api/workflows/${workflow}/move`, { workspaceId: id });
  expect(await move()).toEqual({ status: 409, code: 'RUN_NOT_FINISHED' });
  await ada.call('POST', `/api/runs/${run}/cancel`);
  const schedule = { kind: 'schedule', cron: '0 9 * * MON', timeZone: 'Europe/Berlin' };
  const trigger = (await ada.call('POST', `/api/workflows/${workflow}/triggers`, { body: schedule })).body.id;
  const callback = { url: 'https://203.0.114.7/hook', events: ['finished'] };
  await ada.call('POST', `/api/workflows/${workflow}/callbacks`, { body: callback });
  expect((await ada.call('POST', `/api/workflows/${workflow}/links`)).status).toBe(201);
  const budget = { workflowId: workflow, period: 'month', limitUsd: 5 };
  await ada.call('PUT', '/api/budgets', { body: budget });
  await ada.call('PUT', '/api/budgets', { body: { ...budget, workflowId: null } });

  const moved = await ada.call('POST', `/api/workflows/${workflow}/move`, { body: { workspaceId: id } });
  expect(moved.body).toEqual({
    workspaceId: id,
    moved: { files: 1, triggers: 1, links: 1, callbacks: 1, budgets: 1 },
    stays: { runs: 1, secrets: ['TOKEN'] },
  });
  // A limit goes on where the workflow is; those of everything stay.
  expect((await ben.call('GET', `/api/budgets?workspaceId=${id}`)).body.items).toMatchObject([budget]);
  expect((await ada.call('GET', '/api/budgets')).body.items).toMatchObject([{ ...budget, workflowId: null }]);
  const there = (await ben.call('GET', `/api/workflows/${workflow}`)).body;
  expect(there.liveDraftVersion).toBe(there.version);
  const url = there.data.nodes[0].data.file.url as string;
  expect(url).not.toBe(asset.url);
  expect((await ben.call('GET', url)).status).toBe(200);
  expect((await ben.call('GET', asset.url)).status).toBe(404);
  expect((await ben.call('GET', `/api/workflows/${workflow}/versions/1`)).text).toContain(url);
  expect((await ben.call('GET', `/api/triggers/${trigger}`)).status).toBe(200);
  // The list does not tell of a run that stayed, and who may see that still does.
  const listed = (await ben.call('GET', `/api/workflows?workspaceId=${id}`)).body.items;
  expect(listed).toMatchObject([{ id: workflow, name: 'moving' }]);
  expect(listed[0].lastRun).toBeUndefined();
  expect((await ben.call('GET', `/api/runs/${run}`)).status).toBe(404);
  expect((await ada.call('GET', `/api/runs/${run}/graph`)).text).toContain(asset.url);
  // And back: the file is there still.
  const back = await ada.call('POST', `/api/workflows/${workflow}/move`, { body: { workspaceId: ada.id } });
  expect(back.body.moved.files).toBe(1);
  expect((await ada.call('GET', `/api/workflows/${workflow}`)).body.data.nodes[0].data.file.url).toBe(asset.url);
  expect(await answer(ben, 'GET', `/api/workflows/${workflow}`)).toMatchObject({ status: 404 });
});

test('moving a workflow leaves what its runs put out and what was told of them', async () => {
  const id = await makeWorkspace();
  await add(id, 'admin');
  const body = { name: 'w', data: smallGraph() };
  const workflow = (await ada.call('POST', '/api/workflows', { body })).body.id;
  const hook = { url: 'https://203.0.114.7/hook', events: ['finished'] };
  const callback = (await ada.call('POST', `/api/workflows/${workflow}/callbacks`, { body: hook })).body.id;
  const run = (await ada.call('POST', `/api/workflows/${workflow}/run`)).body.id;
  await (await createRunPlayer(server.database.pool)).finish(run);
  await collectMessages(server.database.pool);
  const told = (await ada.call('GET', `/api/callbacks/${callback}/messages`)).body.items;
  expect(told).toMatchObject([{ runId: run }]);
  const ofA = async (user: TestUser) => {
    const part = { body: { mode: 'selected', nodeIds: ['b'] } };
    const { nodes } = (await user.call('POST', `/api/workflows/${workflow}/plan`, part)).body;
    return nodes.find(({ nodeId }: { nodeId: string }) => nodeId === 'a').reason;
  };
  expect(await ofA(ada)).toContain('still fits');
  const move = (user: TestUser, workspaceId: string) =>
    user.call('POST', `/api/workflows/${workflow}/move`, { body: { workspaceId } });
  // Its receiver is told first; what it refused once is told to nobody afterwards: there others decide about its address.
  expect((await move(ada, id)).body.code).toBe('RUN_NOT_FINISHED');
  const [due] = await claimMessages(server.database.pool, null, 10);
  expect(due).toMatchObject({ runId: run });
  const tried = { id: due!.id, status: 'due', tryAt: new Date(), answerStatus: 503, error: null } as const;
  await recordMessage(server.database.pool, tried);
  expect((await move(ada, id)).status).toBe(200);
  expect(await claimMessages(server.database.pool, new Date(Date.now() + 86_400_000), 10)).toEqual([]);
  expect(await ofA(ben)).toContain('there is none that fits');
  expect((await ben.call('GET', `/api/callbacks/${callback}/messages`)).body.items).toEqual([]);
  expect(await answer(ben, 'POST', `/api/callback-messages/${told[0].id}/replay`)).toMatchObject({ status: 404 });
  expect((await move(ada, ada.id)).status).toBe(200);
  expect(await ofA(ada)).toContain('still fits');
  expect((await ada.call('POST', `/api/callback-messages/${told[0].id}/replay`)).status).toBe(202);
});

test('moving a workflow is noticed by those who follow it, also where the word of it was lost', async () => {
  const id = await makeWorkspace();
  await add(id, 'viewer');
  const body = { name: 'w', data: smallGraph() };
  const workflow = (await ada.call('POST', `/api/workflows?workspaceId=${id}`, { body })).body.id;
  const another = await server.startAnother({ socketRecheckMs: 50 });
  const options = { transports: ['websocket'], reconnection: false, forceNew: true };
  const socket = io(another.url, { ...options, auth: { token: ben.key } });
  try {
    await new Promise<void>((resolve, reject) => void socket.once('connect', resolve).once('connect_error', reject));
    const ack = await socket.emitWithAck(clientMessages.workflowSubscribe, { workflowId: workflow });
    expect(ack).toMatchObject({ ok: true });
    const ended = new Promise((resolve) => socket.once('disconnect', resolve));
    await server.database.pool.query('update workflows set user_id = $2 where id = $1', [workflow, ada.id]);
    expect(await ended).toBe('io server disconnect');
  } finally {
    socket.disconnect();
    await another.stop();
  }
});

test('moving a workflow takes the role of an editor in both workspaces', async () => {
  const id = await makeWorkspace();
  await add(id, 'runner');
  const body = { name: 'w', data: smallGraph() };
  const own = (await ben.call('POST', '/api/workflows', { body })).body.id;
  const shared = (await ada.call('POST', `/api/workflows?workspaceId=${id}`, { body })).body.id;
  const move = (user: TestUser, workflow: number, workspaceId: string) =>
    answer(user, 'POST', `/api/workflows/${workflow}/move`, { workspaceId });
  expect(await move(ben, own, id)).toEqual({ status: 403, code: 'ROLE_MISSING' });
  expect(await move(ben, shared, ben.id)).toEqual({ status: 403, code: 'ROLE_MISSING' });
  expect(await move(ada, own, id)).toEqual({ status: 404, code: 'WORKFLOW_NOT_FOUND' });
  expect(await move(ada, shared, ben.id)).toEqual({ status: 404, code: 'WORKSPACE_NOT_FOUND' });
});

test('moving a workflow stands in the logs of both workspaces', async () => {
  const [one, two] = [await makeWorkspace(), await makeWorkspace()];
  const body = { name: 'travels', data: smallGraph() };
  const workflow = (await ada.call('POST', '/api/workflows', { body })).body.id;
  const movesIn = async (id: string) => {
    const { items } = auditPageSchema.parse((await ada.call('GET', `/api/workspaces/${id}/audit`)).body);
    return items.filter(({ action }) => action === 'workflow.move').map(({ details }) => [details.from, details.to]);
  };
  for (const workspaceId of [one, two]) {
    expect((await ada.call('POST', `/api/workflows/${workflow}/move`, { body: { workspaceId } })).status).toBe(200);
  }
  expect(await movesIn(one)).toEqual([
    [one, two],
    [ada.id, one],
  ]);
  expect(await movesIn(two)).toEqual([[one, two]]);
});
