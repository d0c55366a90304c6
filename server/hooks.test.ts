import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import {
  smallGraph,
  startTestServer,
  type TestAnswer,
  type TestServer,
  type TestUser,
} from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
  player = await createRunPlayer(server.database.pool);
});
afterAll(() => server.stop());

/** A text that is an input, put out under a name. */
function graphWithInput() {
  const { nodes, edges } = smallGraph();
  const [text, delay] = nodes;
  return {
    nodes: [
      { ...text, data: { ...text!.data, input: { name: 'topic' } } },
      delay,
      { id: 'c', type: 'output', position: { x: 400, y: 0 }, data: { name: 'result' } },
    ],
    edges: [...edges, { id: 'e2', source: 'b', sourceHandle: 'output', target: 'c', targetHandle: 'value' }],
  };
}

async function makeHook(body: object = {}, by = user): Promise<ReturnType<typeof JSON.parse>> {
  const workflow = (await by.call('POST', '/api/workflows', { body: { name: 'hooked', data: graphWithInput() } })).body;
  const made = await by.call('POST', `/api/workflows/${workflow.id}/triggers`, {
    body: { kind: 'webhook', mapping: { topic: 'body.issue.title' }, ...body },
  });
  expect(made.status).toBe(201);
  return made.body;
}

/** Delivers to where a webhook says that deliveries go. */
async function deliver(
  hook: { readonly url: string },
  body: string | object,
  headers: Record<string, string> = {},
): Promise<TestAnswer> {
  const { pathname, search, origin } = new URL(hook.url);
  expect(origin).toBe(server.url);
  return server.call('POST', `${pathname}${search}`, {
    raw: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

const fires = async (id: string) => (await user.call('GET', `/api/triggers/${id}/fires`)).body.items;
const issue = { issue: { title: 'it is broken' } };

describe('a delivery', () => {
  test('is kept before the answer, and its run begins with the inputs that the mapping makes', async () => {
    const hook = await makeHook();
    expect(hook).toMatchObject({ auth: { type: 'none' }, secret: null, enabled: true });
    const answer = await deliver({ url: `${hook.url}?from=here` }, issue, {
      authorization: 'Bearer of-theirs',
      'x-event': 'opened',
    });
    expect(answer).toMatchObject({ status: 202, body: { id: answer.body.runId, duplicate: false } });
    const detail = await user.call('GET', `/api/trigger-fires/${answer.body.id}`);
    expect(detail.body.delivery).toMatchObject({
      query: { from: 'here' },
      body: issue,
      headers: { 'x-event': 'opened' },
    });
    expect(detail.text).not.toContain('of-theirs');
    const run = await eventually(async () => {
      const found = await user.call('GET', `/api/runs/${answer.body.runId}`);
      expect(found.status).toBe(200);
      return found.body;
    });
    expect(run).toMatchObject({ triggerType: 'WEBHOOK', inputs: { topic: 'it is broken' } });
    await player.finish(run.id);
    await eventually(async () => {
      expect(await fires(hook.id)).toMatchObject([{ id: answer.body.id, status: 'completed', runId: run.id }]);
    });
  });

  test('of a form or of text is read as such', async () => {
    const hook = await makeHook({ mapping: { topic: 'body.payload.text' } });
    const form = new URLSearchParams({ payload: JSON.stringify({ text: 'from a form' }) }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const ofForm = (await deliver(hook, form, type)).body;
    expect((await user.call('POST', `/api/trigger-fires/${ofForm.id}/try`)).body).toEqual({
      inputs: { topic: 'from a form' },
      findings: [],
    });
    const ofText = (await deliver(hook, 'just words', { 'content-type': 'text/plain' })).body;
    const tried = await user.call('POST', `/api/trigger-fires/${ofText.id}/try`, {
      body: { mapping: { topic: 'body' } },
    });
    expect(tried.body.inputs).toEqual({ topic: 'just words' });
  });

  test('with an id that was taken before starts nothing; the same body without one does', async () => {
    const hook = await makeHook({ deliveryId: 'headers."x-id"' });
    const first = await deliver(hook, issue, { 'x-id': 'one' });
    const again = await deliver(hook, { other: 'body' }, { 'x-id': 'one' });
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(again.body).toMatchObject({ id: first.body.id, duplicate: true });
    expect((await deliver(hook, issue, { 'x-id': 'two' })).status).toBe(202);
    for (const _time of [1, 2]) expect((await deliver(hook, issue)).body.duplicate).toBe(false);
    const both = await Promise.all([1, 2, 3].map(() => deliver(hook, issue, { 'x-id': 'at once' })));
    expect(both.filter(({ body }) => !body.duplicate)).toHaveLength(1);
    expect(new Set(both.map(({ body }) => body.id)).size).toBe(1);
    expect(await fires(hook.id)).toHaveLength(5);
  });

  test('that the mapping does not fit is told so, kept, and run again once the mapping is right', async () => {
    const hook = await makeHook({ mapping: { topic: "join('-', body.words)" } });
    const refused = await deliver(hook, { words: 7 });
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'MAPPING_INVALID', errors: [{ path: 'mapping.topic' }] },
    });
    const [fire] = await fires(hook.id);
    expect(fire).toMatchObject({ status: 'refused', code: 'MAPPING_INVALID', runId: null });
    const mapping = { topic: 'to_string(body.words)' };
    const tried = await user.call('POST', `/api/trigger-fires/${fire.id}/try`, { body: { mapping } });
    expect(tried.body).toEqual({ inputs: { topic: '7' }, findings: [] });
    await user.call('PATCH', `/api/triggers/${hook.id}`, { body: { mapping } });
    const replayed = await user.call('POST', `/api/trigger-fires/${fire.id}/replay`);
    expect(replayed.status).toBe(202);
    await eventually(async () => {
      const run = await user.call('GET', `/api/runs/${replayed.body.runId}`);
      expect(run.body.inputs).toEqual({ topic: '7' });
    });
  });

  test('whose run cannot be started says why', async () => {
    const hook = await makeHook({ mapping: { topic: 'body.n' } });
    await deliver(hook, { n: 7 });
    await eventually(async () => {
      expect(await fires(hook.id)).toMatchObject([{ status: 'refused', code: 'RUN_INPUT_INVALID', runId: null }]);
    });
  });

  test('is answered with the outputs of its run, where those are wanted and come in time', async () => {
    const hook = await makeHook({ answer: 'outputs', waitSeconds: 20 });
    const answering = deliver(hook, issue);
    const runId = await eventually(async () => {
      const [fire] = await fires(hook.id);
      expect(fire.status).toBe('started');
      return fire.runId;
    });
    await player.finish(runId);
    expect(await answering).toMatchObject({
      status: 200,
      body: { runId, status: 'COMPLETED', outputs: { result: expect.anything() } },
    });
    // What a node says may name addresses and secrets of the owner: whoever sends reads that a step has failed.
    const failing = deliver(hook, issue);
    const failedId = await eventually(async () => {
      const [fire] = await fires(hook.id);
      expect([fire.runId === runId, fire.status]).toEqual([false, 'started']);
      return fire.runId;
    });
    await player.fail(failedId, 'https://internal.example.com/?key=1 answered 403. Check it.');
    const failed = await failing;
    expect([failed.status, failed.body.status]).toEqual([200, 'FAILED']);
    expect(failed.body.error).toMatch(/^A step of the workflow has failed\./);
    expect(failed.text).not.toContain('internal.example.com');
    const slow = await makeHook({ answer: 'outputs', waitSeconds: 1 });
    expect(await deliver(slow, issue)).toMatchObject({
      status: 202,
      body: { status: 'PENDING', runId: expect.any(String) },
    });
    const wrong = await makeHook({ answer: 'outputs', mapping: { topic: 'body.n' } });
    expect(await deliver(wrong, { n: 7 })).toMatchObject({ status: 422, body: { code: 'RUN_INPUT_INVALID' } });
  });

  test('is bounded, and taken as it is', async () => {
    const hook = await makeHook();
    expect((await deliver(hook, 'x'.repeat(1_048_577), { 'content-type': 'text/plain' })).status).toBe(413);
    expect((await deliver(hook, issue, { 'content-encoding': 'gzip' })).status).toBe(415);
    expect(await deliver(hook, '{"a":')).toMatchObject({ status: 400, body: { code: 'BAD_JSON' } });
    expect((await server.call('GET', new URL(hook.url).pathname)).status).toBe(405);
  });
});

describe('a multipart form', () => {
  let picture: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    picture = new Uint8Array(await readFile(await makePicture('png')));
  });

  const withPhoto = () => {
    const graph = graphWithInput();
    const photo = {
      id: 'p',
      type: 'image',
      position: { x: 0, y: 200 },
      data: { input: { name: 'photo', required: true } },
    };
    return { ...graph, nodes: [...graph.nodes, photo] };
  };
  async function makeFormHook(by: TestUser, body: object = {}) {
    const workflow = (await by.call('POST', '/api/workflows', { body: { name: 'forms', data: withPhoto() } })).body;
    const mapping = { topic: 'body.title', photo: 'files.photo' };
    const hook = await by.call('POST', `/api/workflows/${workflow.id}/triggers`, {
      body: { kind: 'webhook', mapping, ...body },
    });
    expect(hook.status).toBe(201);
    return hook.body;
  }
  const formWith = (name = 'kite.png') => {
    const form = new FormData();
    form.set('title', 'a red kite');
    form.set('photo', new Blob([picture]), name);
    return form;
  };
  const send = (hook: { readonly url: string }, raw: RequestInit['body'], headers: Record<string, string> = {}) =>
    server.call('POST', new URL(hook.url).pathname, { raw, headers });
  const filesOf = async (by: TestUser) => (await by.call('GET', '/api/assets')).body.items;

  test('gives its fields and its files to inputs; what arrived is readable, and runs again', async () => {
    const own = await server.addUser();
    const hook = await makeFormHook(own);
    const answer = await send(hook, formWith());
    expect(answer.status).toBe(202);
    const [file] = await filesOf(own);
    expect(file).toMatchObject({ name: 'kite.png', mimeType: 'image/png' });
    const run = await eventually(async () => {
      const found = await own.call('GET', `/api/runs/${answer.body.runId}`);
      expect(found.status).toBe(200);
      return found.body;
    });
    expect(run.inputs).toEqual({ topic: 'a red kite', photo: file.url });
    const kept = (await own.call('GET', `/api/trigger-fires/${answer.body.id}`)).body;
    expect(kept.delivery).toMatchObject({ body: { title: 'a red kite' }, files: { photo: file.id } });
    const again = await own.call('POST', `/api/trigger-fires/${answer.body.id}/replay`);
    expect(again.status).toBe(202);
    expect(await filesOf(own)).toHaveLength(1);
  });

  test('of several files of one name is a list', async () => {
    const own = await server.addUser();
    const hook = await makeFormHook(own, { mapping: { topic: 'body.title', photo: 'files.photo[1]' } });
    const form = formWith('first.png');
    form.append('photo', new Blob([picture]), 'second.png');
    const answer = await send(hook, form);
    const kept = (await own.call('GET', `/api/trigger-fires/${answer.body.id}`)).body;
    const names = new Map((await filesOf(own)).map(({ id, name }: { id: string; name: string }) => [id, name]));
    expect(kept.delivery.files.photo.map((id: string) => names.get(id))).toEqual(['first.png', 'second.png']);
  });

  test('that proves nothing leaves no file, and is not read', async () => {
    const own = await server.addUser();
    const hook = await makeFormHook(own, { auth: { type: 'header' } });
    expect((await send(hook, formWith())).status).toBe(404);
    expect(await filesOf(own)).toEqual([]);
    expect((await send(hook, formWith(), { 'x-webhook-secret': hook.secret })).status).toBe(202);
    expect(await filesOf(own)).toHaveLength(1);
  });

  test('is signed as it came', async () => {
    const own = await server.addUser();
    const hook = await makeFormHook(own, { auth: { type: 'hmac', preset: 'github' } });
    const request = new Request('http://x/', { method: 'POST', body: formWith() });
    const [type, bytes] = [request.headers.get('content-type')!, Buffer.from(await request.arrayBuffer())];
    const signature = `sha256=${createHmac('sha256', hook.secret).update(bytes).digest('hex')}`;
    const signed = { 'content-type': type, 'x-hub-signature-256': signature };
    expect((await send(hook, Buffer.concat([bytes, Buffer.from(' ')]), signed)).status).toBe(404);
    expect(await filesOf(own)).toEqual([]);
    expect((await send(hook, bytes, signed)).status).toBe(202);
    expect(await filesOf(own)).toHaveLength(1);
  });

  test('with a file of a kind that nobody takes, or a damaged form, is told so', async () => {
    const own = await server.addUser();
    const hook = await makeFormHook(own);
    const form = new FormData();
    form.set('photo', new Blob(['MZ no picture at all']), 'a.exe');
    expect((await send(hook, form)).body.code).toBe('UNSUPPORTED_MEDIA');
    const cut = await send(hook, '--x\r\nbroken', { 'content-type': 'multipart/form-data; boundary=x' });
    expect([cut.status, cut.body.code]).toEqual([400, 'UPLOAD_INVALID']);
    // Those before it, which are fine, go as well; one that was there before stays.
    const mixed = formWith('kite.png');
    mixed.append('photo', new Blob(['MZ no picture at all']), 'a.exe');
    expect((await send(hook, mixed)).body.code).toBe('UNSUPPORTED_MEDIA');
    expect(await filesOf(own)).toEqual([]);
    expect((await send(hook, formWith('kite.png'))).status).toBe(202);
    expect((await send(hook, mixed)).body.code).toBe('UNSUPPORTED_MEDIA');
    expect(await filesOf(own)).toHaveLength(1);
  });
});

describe('the secret', () => {
  const signed = (secret: string, body: string) => ({
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    'x-github-delivery': randomUUID(),
  });
  const github = { auth: { type: 'hmac', preset: 'github' } };

  test('is shown once; what is signed with it is taken, and the same id once', async () => {
    const hook = await makeHook(github);
    expect(hook.secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(hook.deliveryId).toBe('headers."x-github-delivery"');
    const list = await user.call('GET', `/api/workflows/${hook.workflowId}/triggers`);
    expect(list.body.items[0].url).toBe(hook.url);
    expect(list.text).not.toContain(hook.secret);
    const headers = signed(hook.secret, JSON.stringify(issue));
    expect([(await deliver(hook, issue, headers)).status, (await deliver(hook, issue, headers)).status]).toEqual([
      202, 200,
    ]);
  });

  test('unknown, turned off and wrong get the same answer; what was wrong is kept, readable, and can be replayed', async () => {
    const [hook, off] = [await makeHook(github), await makeHook(github)];
    const body = JSON.stringify(issue);
    await user.call('PATCH', `/api/triggers/${off.id}`, { body: { enabled: false } });
    const unknown = { url: `${server.url}/hooks/${'x'.repeat(43)}` };
    const answers = [
      await deliver(unknown, issue, signed(hook.secret, body)),
      await deliver({ url: `${server.url}/hooks/short` }, issue),
      await deliver(off, issue, signed(off.secret, body)),
      await deliver(hook, issue, signed(hook.secret, `${body} `)),
      await deliver(hook, issue),
    ];
    const told = answers.map(({ status, body: { requestId: _id, instance: _path, ...rest } }) => ({ status, ...rest }));
    expect(told.every((answer) => JSON.stringify(answer) === JSON.stringify(told[0]))).toBe(true);
    expect(told[0]).toMatchObject({ status: 404, code: 'HOOK_NOT_FOUND' });
    expect(await fires(off.id)).toEqual([]);
    const kept = await fires(hook.id);
    expect(kept).toMatchObject([
      { status: 'refused', code: 'WEBHOOK_INVALID', reason: 'The header X-Hub-Signature-256 is missing.' },
      { status: 'refused', reason: 'The signature does not fit the body and the secret.' },
    ]);
    expect((await user.call('GET', `/api/trigger-fires/${kept[1].id}`)).body.delivery.body).toEqual(issue);
    expect((await user.call('POST', `/api/trigger-fires/${kept[1].id}/replay`)).status).toBe(202);
  });

  test('a wrong delivery takes no id from the right one', async () => {
    const hook = await makeHook(github);
    const headers = signed(hook.secret, JSON.stringify(issue));
    expect((await deliver(hook, issue, { ...headers, 'x-hub-signature-256': 'sha256=00' })).status).toBe(404);
    expect((await deliver(hook, issue, headers)).status).toBe(202);
  });

  test('is replaced while both are accepted, until the old one is ended', async () => {
    const hook = await makeHook({ auth: { type: 'hmac', preset: 'standard' } });
    const send = (secret: string) => {
      const [id, time, body] = [`msg_${randomUUID()}`, new Date(), JSON.stringify(issue)];
      return deliver(hook, body, {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(time.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign(id, time, body),
      });
    };
    const changed = await user.call('POST', `/api/triggers/${hook.id}/secret`);
    expect(changed.status).toBe(200);
    expect((await user.call('GET', `/api/triggers/${hook.id}`)).body.hasOldSecret).toBe(true);
    const statuses = async () => [(await send(hook.secret)).status, (await send(changed.body.secret)).status];
    expect(await statuses()).toEqual([202, 202]);
    expect((await user.call('DELETE', `/api/triggers/${hook.id}/old-secret`)).status).toBe(204);
    expect(await statuses()).toEqual([404, 202]);
  });

  test('may be brought, and lies in the database encrypted', async () => {
    const secret = 'a-secret-of-somebody-else';
    const hook = await makeHook({ auth: { type: 'header', header: 'X-Token' }, secret });
    expect(hook.secret).toBe(secret);
    const answer = await deliver(hook, issue, { 'x-token': secret });
    expect(answer.status).toBe(202);
    const { rows } = await server.database.pool.query(
      `select t::text as trigger, f::text as fire, d.headers::text as headers, encode(t.sealed, 'escape') as sealed
         from triggers t join trigger_fires f on f.trigger_id = t.id join trigger_deliveries d on d.fire_id = f.id
        where t.id = $1`,
      [hook.id],
    );
    const token = new URL(hook.url).pathname.split('/').at(-1)!;
    for (const hidden of [secret, token]) expect(JSON.stringify(rows)).not.toContain(hidden);
  });

  test('Slack’s question for an address is answered where it is signed', async () => {
    const hook = await makeHook({ auth: { type: 'hmac', preset: 'slack' } });
    const body = JSON.stringify({ type: 'url_verification', challenge: 'say this' });
    const time = String(Math.floor(Date.now() / 1_000));
    const digest = createHmac('sha256', hook.secret).update(`v0:${time}:${body}`).digest('hex');
    const headers = { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${digest}` };
    expect(await deliver(hook, body, headers)).toMatchObject({ status: 200, text: 'say this' });
    expect(await fires(hook.id)).toEqual([]);
  });
});

describe('what cannot be a webhook', () => {
  test.each([
    [{ mapping: { topic: 'body[' } }, 'MAPPING_INVALID', 'mapping.topic'],
    [{ deliveryId: '}' }, 'MAPPING_INVALID', 'deliveryId'],
    [{ secret: 'short' }, 'REQUEST_INVALID', 'secret'],
    [
      { auth: { type: 'hmac', preset: 'standard' }, secret: 'no base64 at all'.replaceAll(' ', '*') },
      'REQUEST_INVALID',
      'secret',
    ],
    [{ auth: { type: 'basic', username: 'a:b' } }, 'REQUEST_INVALID', 'auth.username'],
    [{ inputs: { nothing: 1 } }, 'RUN_INPUT_UNKNOWN', 'inputs.nothing'],
  ])('%j is refused by its place', async (fields, code, path) => {
    const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'w', data: graphWithInput() } })).body;
    const answer = await user.call('POST', `/api/workflows/${id}/triggers`, { body: { kind: 'webhook', ...fields } });
    expect(answer.body).toMatchObject({ code, errors: [{ path }] });
  });

  test('fields of a schedule are none of a webhook, nor the other way round', async () => {
    const hook = await makeHook();
    const changed = await user.call('PATCH', `/api/triggers/${hook.id}`, { body: { cron: '0 9 * * *' } });
    expect(changed).toMatchObject({ status: 400, body: { code: 'FIELD_UNKNOWN', errors: [{ path: 'cron' }] } });
  });
});
