import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { answeredByLinkSchema, linkedQuestionSchema, waitPageSchema, waitSchema } from '../core/api/waits.ts';
import type { AssetReference } from '../core/node-type/values.ts';
import { questionFieldSchema, type Question } from '../core/waits/question.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { upload } from '../testing/things.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
let workflow: number;
let picture: AssetReference;

const buttons = [
  { id: 'send', label: 'Send it' },
  { id: 'drop', label: 'Drop it' },
];
const question: Question = {
  message: 'Shall this go out?',
  fields: [questionFieldSchema.parse({ name: 'note' }), questionFieldSchema.parse({ name: 'more', type: 'json' })],
  buttons,
  choice: null,
  byLink: true,
};

beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: '1' });
  user = await server.addUser();
  player = await createRunPlayer(server.database.pool);
  workflow = await makeWorkflow(user);
  picture = await addPicture();
});
afterAll(() => server.stop());

async function makeWorkflow(of: TestUser): Promise<number> {
  const nodes = [
    nodeOf('ask', 'approve', { message: question.message, buttons, byLink: true }),
    nodeOf('sent', 'delay'),
  ];
  const data = { nodes, edges: [edgeOf('ask', 'sent', { sourceHandle: 'send' })] };
  return (await of.call('POST', '/api/workflows', { body: { name: 'Newsletter', data } })).body.id;
}

async function addPicture(format: 'png' | 'jpeg' = 'png'): Promise<AssetReference> {
  const bytes = new Uint8Array(await readFile(await makePicture(format)));
  const {
    id: assetId,
    url,
    mimeType,
    bytes: size,
    sha256,
  } = (await user.call('POST', '/api/assets', upload(bytes))).body;
  return { assetId, url, mimeType, bytes: size, sha256 };
}

/** A run whose first node asks, and the question as those who may answer see it. */
async function ask(of: Question = question, by: TestUser = user, id = workflow) {
  const run = (await by.call('POST', `/api/workflows/${id}/run`)).body.id as string;
  await player.ask(run, of, of.choice === null ? { value: [picture] } : { items: ['a', picture, 'c'] });
  const wait = waitPageSchema.parse((await by.call('GET', `/api/waits?runId=${run}`)).body).items[0]!;
  return { run, wait, path: new URL(wait.answerUrl ?? server.url).pathname.replace('/answer/', '/api/answers/') };
}

/** Somebody without an account, at an address of their own. */
function visit(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return server.call(method, path, { ...(body !== undefined && { body }), headers });
}

const hashes = async (id: string) =>
  (await server.database.pool.query(`select encode(token_hash, 'hex') as hash from waits where id = $1`, [id])).rows[0]
    .hash;

describe('the link of a question', () => {
  test('is shown to those who may answer, the same each time, and is stored as a hash alone', async () => {
    const { wait, path } = await ask();
    expect(wait.answerUrl).toMatch(/\/answer\/[\w-]{43}$/);
    expect((await user.call('GET', `/api/waits/${wait.id}`)).body.answerUrl).toBe(wait.answerUrl);
    const reader = await server.addKey(user, { scopes: ['read'] });
    expect((await reader.call('GET', `/api/waits/${wait.id}`)).body).not.toHaveProperty('answerUrl');
    const token = path.split('/').at(-1)!;
    const { rows } = await server.database.pool.query('select * from waits where id = $1', [wait.id]);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(await hashes(wait.id)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is there for no question that members alone answer', async () => {
    const { byLink: _off, ...closed } = question;
    const { wait } = await ask(closed);
    expect(wait).not.toHaveProperty('answerUrl');
    expect(await hashes(wait.id)).toBeNull();
  });

  test('gives the question with its files and nothing else, and decides nothing', async () => {
    const { run, wait, path } = await ask();
    const shown = await visit('GET', path);
    expect(shown.status).toBe(200);
    expect(linkedQuestionSchema.strict().parse(shown.body)).toEqual({
      message: question.message,
      value: picture,
      fields: wait.fields,
      buttons,
      choice: null,
      createdAt: wait.createdAt,
      dueAt: null,
    });
    expect(shown.headers.get('cache-control')).toContain('no-store');
    expect(JSON.stringify(shown.body)).not.toContain(run);
    const other = await addPicture('jpeg');
    const read = async (id: string, what: string) => (await visit('GET', `${path}/files/${id}/${what}`)).status;
    expect([await read(picture.assetId, 'content'), await read(picture.assetId, 'thumbnail')]).toEqual([200, 200]);
    expect([await read(other.assetId, 'content'), await read(other.assetId, 'thumbnail')]).toEqual([404, 404]);
    expect((await user.call('GET', `/api/waits/${wait.id}`)).body.status).toBe('open');
  });
});

describe('an answer by link', () => {
  test('counts once: it is in the output, the question and the audit log with who; the next one hears so', async () => {
    const { run, wait, path } = await ask();
    const body = { action: 'send', values: { note: 'Good.' }, name: ' Kim ' };
    const answer = await visit('POST', path, body);
    expect([answer.status, answer.body.detail]).toEqual([200, undefined]);
    expect(answeredByLinkSchema.parse(answer.body)).toMatchObject({ action: 'send', resolvedBy: 'Kim (by link)' });
    const after = waitSchema.parse((await user.call('GET', `/api/waits/${wait.id}`)).body);
    expect(after).toMatchObject({ status: 'resolved', outcome: 'answered', resolvedBy: 'Kim (by link)' });
    expect(after).not.toHaveProperty('answerUrl');
    const nodes = (await user.call('GET', `/api/runs/${run}`)).body.nodeExecutions;
    expect(nodes.find(({ nodeId }: { nodeId: string }) => nodeId === 'ask')).toMatchObject({
      status: 'COMPLETED',
      outputData: { send: picture, answer: { action: 'send', values: { note: 'Good.' }, by: 'Kim (by link)' } },
    });
    const { rows } = await server.database.pool.query(
      'select action, actor_id, details from audit_log where subject_id = $1',
      [wait.id],
    );
    expect(rows).toEqual([
      { action: 'wait.answer', actor_id: null, details: { action: 'send', runId: run, by: 'Kim (by link)' } },
    ]);
    const { resolvedAt } = answer.body;
    for (const late of [await visit('POST', path, { action: 'drop' }), await visit('GET', path)]) {
      expect([late.status, late.body]).toMatchObject([
        409,
        { code: 'WAIT_RESOLVED', details: { resolvedBy: 'Kim (by link)', resolvedAt, action: 'send' } },
      ]);
    }
    expect((await visit('GET', `${path}/files/${picture.assetId}/content`)).status).toBe(409);
  });

  test('of two at the same time, one by a member, wins once', async () => {
    const { wait, path } = await ask();
    const answers = await Promise.all([
      visit('POST', path, { action: 'send' }),
      user.call('POST', `/api/waits/${wait.id}`, { body: { action: 'drop' } }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const { action, resolvedBy } = (await user.call('GET', `/api/waits/${wait.id}`)).body;
    expect(resolvedBy).toBe(action === 'send' ? 'somebody (by link)' : user.email);
  });

  test('that is sent twice with its key has its effect once', async () => {
    const { path } = await ask();
    const headers = { 'Idempotency-Key': 'once-and-no-more' };
    const [first, second] = [
      await visit('POST', path, { action: 'send' }, headers),
      await visit('POST', path, { action: 'send' }, headers),
    ];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body).toEqual(first.body);
  });

  test('chooses of a list', async () => {
    const { wait, path } = await ask({
      message: '?',
      fields: [],
      buttons: [],
      choice: { min: 1, max: 2 },
      byLink: true,
    });
    expect((await visit('GET', path)).body).toMatchObject({ value: ['a', picture, 'c'], choice: { min: 1, max: 2 } });
    expect((await visit('POST', path, { action: 'choose', indices: [1] })).status).toBe(200);
    expect((await user.call('GET', `/api/waits/${wait.id}`)).body.resolvedBy).toBe('somebody (by link)');
  });

  test('names no file of the workspace that the question does not show, and holds no key', async () => {
    const { wait, path } = await ask();
    const other = await addPicture('jpeg');
    const key = `sk-${'a1B2c3D4'.repeat(6)}`;
    const send = async (body: object) => {
      const { status, body: told } = await visit('POST', path, { action: 'send', ...body });
      return [status, told.errors?.map((error: { path: string }) => error.path)];
    };
    expect(await send({ values: { more: { ...other } } })).toEqual([422, ['values.more']]);
    expect(await send({ values: { note: `see ${other.assetId}` } })).toEqual([422, ['values.note']]);
    expect(await send({ name: key })).toEqual([422, ['name']]);
    expect(await send({ values: { strange: 1 } })).toEqual([422, ['values.strange']]);
    expect((await visit('POST', path, { action: 'send', name: 'a\u202eb' })).status).toBe(400);
    expect((await user.call('GET', `/api/waits/${wait.id}`)).body.status).toBe('open');
    expect(await send({ values: { more: { ...picture } } })).toEqual([200, undefined]);
  });
});

describe('a link that is over is one that never was', () => {
  const pool = () => server.database.pool;
  test.each<[string, (asked: { run: string; wait: { id: string }; owner: TestUser; id: number }) => Promise<unknown>]>([
    ['its run was canceled', ({ run, owner }) => owner.call('POST', `/api/runs/${run}/cancel`)],
    [
      'its workflow was deleted',
      async ({ run, owner, id }) => {
        await owner.call('POST', `/api/runs/${run}/cancel`);
        expect((await owner.call('DELETE', `/api/workflows/${id}`)).status).toBe(204);
      },
    ],
    [
      'its time is over',
      ({ wait }) => pool().query(`update waits set due_at = now() - interval '1 second' where id = $1`, [wait.id]),
    ],
    [
      'its owner was removed',
      ({ owner }) => pool().query('update users set removed_at = now() where id = $1', [owner.id]),
    ],
    [
      'its owner may only look',
      ({ owner }) => pool().query(`update users set role = 'viewer' where id = $1`, [owner.id]),
    ],
    [
      'members alone may answer',
      ({ wait }) => pool().query(`update waits set payload = payload - 'byLink' where id = $1`, [wait.id]),
    ],
  ])('where %s', async (_why, end) => {
    const owner = await server.addUser();
    const id = await makeWorkflow(owner);
    const asked = await ask({ ...question, fields: [] }, owner, id);
    expect((await visit('GET', asked.path)).status).toBe(200);
    await end({ ...asked, owner, id });
    const none = (await visit('GET', `/api/answers/${'x'.repeat(43)}`)).body.detail;
    const calls: readonly (readonly [string, string])[] = [
      ['GET', ''],
      ['POST', ''],
      ['GET', `/files/${picture.assetId}/content`],
      ['GET', `/files/${picture.assetId}/thumbnail`],
    ];
    // There is no route below a link that is not asked.
    expect(calls).toHaveLength(server.running.routes.filter(({ path }) => path.startsWith('/api/answers')).length);
    for (const [method, rest] of calls) {
      const { status, body } = await visit(
        method,
        asked.path + rest,
        method === 'POST' ? { action: 'send' } : undefined,
      );
      expect([rest, status, body.code, body.detail]).toEqual([rest, 404, 'LINK_NOT_FOUND', none]);
    }
  });
});

test('a question by link that asks for a file is refused before it is run', async () => {
  const fields = [{ name: 'photo', type: 'image' }];
  const data = { nodes: [nodeOf('ask', 'approve', { fields, buttons, byLink: true })], edges: [] };
  const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'n', data } })).body;
  const { status, body } = await user.call('POST', `/api/workflows/${id}/run`);
  expect([status, body.detail]).toEqual([422, expect.stringContaining('cannot be uploaded through a link')]);
});

test('one address answers so often, and then waits; another one goes on', async () => {
  const { path } = await ask();
  const from = (address: string) => visit('POST', path, { action: 'nothing' }, { 'x-forwarded-for': address });
  const statuses = await Promise.all(Array.from({ length: 60 }, async () => (await from('192.0.2.7')).status));
  expect(new Set(statuses)).toEqual(new Set([422, 429]));
  expect((await from('198.51.100.7')).status).toBe(422);
});
