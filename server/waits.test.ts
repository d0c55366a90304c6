import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { waitPageSchema, waitSchema } from '../core/api/waits.ts';
import type { Question } from '../core/waits/question.ts';
import { questionFieldSchema } from '../core/waits/question.ts';
import { nodeOf, edgeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { upload } from '../testing/things.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
let workflow: number;

const question: Question = {
  message: 'Shall this go out?',
  fields: [
    { name: 'note', type: 'text', required: true },
    { name: 'picture', type: 'image' },
  ].map((field) => questionFieldSchema.parse(field)),
  buttons: [
    { id: 'send', label: 'Send it' },
    { id: 'drop', label: 'Drop it' },
  ],
  choice: null,
};

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
  player = await createRunPlayer(server.database.pool);
  const data = {
    nodes: [
      nodeOf('ask', 'approve', { message: 'Shall this go out?', buttons: question.buttons }),
      nodeOf('sent', 'delay'),
      nodeOf('dropped', 'delay'),
    ],
    edges: [edgeOf('ask', 'sent', { sourceHandle: 'send' }), edgeOf('ask', 'dropped', { sourceHandle: 'drop' })],
  };
  workflow = (await user.call('POST', '/api/workflows', { body: { name: 'Newsletter', data } })).body.id;
});
afterAll(() => server.stop());

/** A run whose first node asks. */
async function ask(of: Question = question) {
  const run = (await user.call('POST', `/api/workflows/${workflow}/run`)).body.id as string;
  await player.ask(run, of, { value: ['draft'] });
  const page = (await user.call('GET', `/api/waits?runId=${run}`)).body;
  return { run, wait: waitPageSchema.parse(page).items[0]! };
}
const nodesOf = async (run: string) =>
  Object.fromEntries(
    (await user.call('GET', `/api/runs/${run}`)).body.nodeExecutions.map((node: { nodeId: string }) => [
      node.nodeId,
      node,
    ]),
  );

describe('a question', () => {
  test('is shown with all that answering it takes, and its run says that its node is WAITING', async () => {
    const { run, wait } = await ask();
    expect(wait).toMatchObject({
      workflowName: 'Newsletter',
      runId: run,
      partId: null,
      nodeId: 'ask',
      kind: 'person',
      status: 'open',
      message: 'Shall this go out?',
      value: 'draft',
      buttons: question.buttons,
      choice: null,
      dueAt: null,
    });
    expect((await nodesOf(run))['ask']).toMatchObject({ status: 'WAITING', inputData: { value: ['draft'] } });
    const one = await user.call('GET', `/api/waits/${wait.id}`);
    expect(waitSchema.parse(one.body)).toEqual(wait);
    const all = waitPageSchema.parse((await user.call('GET', '/api/waits?status=open')).body);
    expect(all.items.map(({ id }) => id)).toContain(wait.id);
    expect(all.open).toBe(all.items.length);
    const ofNode = (nodeId: string) => user.call('GET', `/api/waits?runId=${run}&nodeId=${nodeId}`);
    expect((await ofNode('ask')).body.items).toEqual([wait]);
    expect((await ofNode('sent')).body.items).toEqual([]);
  });

  test('is answered: the way of its button is taken, the other one is not, and the answer stands in the output', async () => {
    const { run, wait } = await ask();
    const { body: asset } = await user.call(
      'POST',
      '/api/assets',
      upload(new Uint8Array(await readFile(await makePicture('png')))),
    );
    const answer = await user.call('POST', `/api/waits/${wait.id}`, {
      body: { action: 'send', values: { note: 'Good.', picture: asset.id } },
    });
    expect(answer.status).toBe(200);
    expect(waitSchema.parse(answer.body)).toMatchObject({
      status: 'resolved',
      outcome: 'answered',
      action: 'send',
      resolvedBy: user.email,
    });
    expect(await nodesOf(run)).toMatchObject({
      ask: {
        status: 'COMPLETED',
        outputData: {
          send: 'draft',
          answer: {
            action: 'send',
            label: 'Send it',
            values: { note: 'Good.', picture: { assetId: asset.id, mimeType: 'image/png' } },
            by: user.email,
          },
        },
      },
      sent: { status: 'QUEUED' },
      dropped: { status: 'SKIPPED', skipReason: 'branch' },
    });
    const resolved = (await user.call('GET', `/api/waits?status=resolved&runId=${run}`)).body.items;
    expect(resolved).toMatchObject([{ id: wait.id, action: 'send' }]);
    const { rows } = await server.database.pool.query(
      `select action, subject_id, details from audit_log where subject_id = $1`,
      [wait.id],
    );
    expect(rows).toMatchObject([{ action: 'wait.answer', details: { action: 'send', runId: run } }]);
  });

  test('is answered once: of two at the same time one wins, the other one hears who and when', async () => {
    const { run, wait } = await ask();
    const answers = await Promise.all(
      ['send', 'drop'].map((action) =>
        user.call('POST', `/api/waits/${wait.id}`, { body: { action, values: { note: 'x' } } }),
      ),
    );
    const [winner, loser] = answers.toSorted((one, other) => one.status - other.status);
    expect([winner!.status, loser!.status]).toEqual([200, 409]);
    expect(loser!.body).toMatchObject({
      code: 'WAIT_RESOLVED',
      detail: expect.stringContaining(user.email),
      details: { resolvedBy: user.email, resolvedAt: winner!.body.resolvedAt, action: winner!.body.action },
    });
    expect((await nodesOf(run))['ask'].outputData.answer.action).toBe(winner!.body.action);
  });

  test('answered again with the same key gives the same answer, and has its effect once', async () => {
    const { run, wait } = await ask();
    const call = () =>
      user.call('POST', `/api/waits/${wait.id}`, {
        body: { action: 'drop', values: { note: 'x' } },
        headers: { 'Idempotency-Key': `answer-${wait.id}` },
      });
    const [first, second] = [await call(), await call()];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect((await nodesOf(run))['dropped']).toMatchObject({ status: 'QUEUED' });
  });

  test('ends with its run, and an answer then hears so', async () => {
    const { run, wait } = await ask();
    expect((await user.call('POST', `/api/runs/${run}/cancel`)).status).toBe(202);
    const late = await user.call('POST', `/api/waits/${wait.id}`, { body: { action: 'send', values: { note: 'x' } } });
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ code: 'WAIT_RESOLVED', details: { outcome: 'cancelled', resolvedBy: null } });
  });

  test.each<[string, object, string[]]>([
    ['a button that is not there', { action: 'x', values: { note: 'x' } }, ['action']],
    ['a required field left out', { action: 'send' }, ['values.note']],
    ['a wrong value', { action: 'send', values: { note: 5 } }, ['values.note']],
    [
      "somebody else's file",
      { action: 'send', values: { note: 'x', picture: '00000000-0000-4000-8000-000000000000' } },
      ['values.picture'],
    ],
    [
      'an address in place of a file',
      { action: 'send', values: { note: 'x', picture: 'https://example.com/a.png' } },
      ['values.picture'],
    ],
    ['a key in clear', { action: 'send', values: { note: `sk-${'a1B2c3D4'.repeat(6)}` } }, ['values.note']],
  ])('is not answered with %s, and stays open', async (_what, body, paths) => {
    const { wait } = await ask();
    const answer = await user.call('POST', `/api/waits/${wait.id}`, { body });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 422, code: 'WAIT_ANSWER_INVALID' });
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual(paths);
    expect((await user.call('GET', `/api/waits/${wait.id}`)).body.status).toBe('open');
  });

  test('is answered by nobody who may only look, nor by a key without that right', async () => {
    const { wait } = await ask();
    const reader = await server.addKey(user, { scopes: ['read'] });
    const answer = await reader.call('POST', `/api/waits/${wait.id}`, {
      body: { action: 'send', values: { note: 'x' } },
    });
    expect(answer.status).toBe(403);
    expect((await reader.call('GET', `/api/waits/${wait.id}`)).status).toBe(200);
  });

  test('to choose takes places of the list, and gives the elements in that order', async () => {
    const choice: Question = { message: 'Which?', fields: [], buttons: [], choice: { min: 1, max: 9 } };
    const run = (await user.call('POST', `/api/workflows/${workflow}/run`)).body.id as string;
    await player.ask(run, choice, { items: ['a', 'b', 'c'] });
    const wait = (await user.call('GET', `/api/waits?runId=${run}`)).body.items[0];
    expect(wait).toMatchObject({ nodeId: 'ask', value: ['a', 'b', 'c'], choice: { min: 1, max: 3 }, buttons: [] });
    const wrong = await user.call('POST', `/api/waits/${wait.id}`, { body: { action: 'choose', indices: [3] } });
    expect(wrong.body).toMatchObject({ code: 'WAIT_ANSWER_INVALID', errors: [{ path: 'indices' }] });
    const answer = await user.call('POST', `/api/waits/${wait.id}`, { body: { action: 'choose', indices: [2, 0] } });
    expect(answer.status).toBe(200);
    expect((await nodesOf(run))['ask']).toMatchObject({
      status: 'COMPLETED',
      outputData: { output: ['c', 'a'], indices: [2, 0] },
    });
  });

  test('stands in pages from the oldest on', async () => {
    const other = await server.addUser();
    const id = (
      await other.call('POST', '/api/workflows', {
        body: { name: 'w', data: { nodes: [nodeOf('a', 'approve')], edges: [] } },
      })
    ).body.id;
    for (let i = 0; i < 3; i += 1) {
      const run = (await other.call('POST', `/api/workflows/${id}/run`)).body.id;
      await player.ask(run, { ...question, message: `Question ${i}` });
    }
    const first = (await other.call('GET', '/api/waits?limit=2')).body;
    expect(first.items.map(({ message }: { message: string }) => message)).toEqual(['Question 0', 'Question 1']);
    const second = (await other.call('GET', `/api/waits?limit=2&cursor=${first.nextCursor}`)).body;
    expect(second.items.map(({ message }: { message: string }) => message)).toEqual(['Question 2']);
    expect(second).toMatchObject({ nextCursor: null, open: 3 });
  });
});
