import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { namedWorkflowSchema } from '../core/api/by-name.ts';
import { runDetailSchema } from '../core/api/runs.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { readEvents, type StreamedEvent } from '../testing/read-events.ts';
import { upload } from '../testing/things.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { fillTemplate } from '../core/templates/fill-template.ts';
import { templates } from '../core/templates/list.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
let picture: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
  player = await createRunPlayer(server.database.pool);
  picture = new Uint8Array(await readFile(await makePicture('png')));
});
afterAll(() => server.stop());

const graph = (word = 'own') => ({
  nodes: [
    nodeOf('t', 'text', { text: word, input: { name: 'topic', required: true, help: 'What it is about.' } }),
    nodeOf('n', 'number', { value: 3, input: { name: 'count', min: 1, integer: true } }),
    nodeOf('b', 'boolean', { value: true, input: { name: 'loud', hidden: true } }),
    nodeOf('j', 'json', { value: '{}', input: { name: 'extra', schema: { type: 'object' } } }),
    nodeOf('i', 'image', {
      input: { name: 'photo', formats: ['image/png'], maxBytes: 1_000_000, default: 'https://example.com/a.png' },
    }),
    nodeOf('w', 'delay', { ms: 0 }),
    nodeOf('o', 'output', { name: 'copy', label: 'The copy' }),
    nodeOf('p', 'output', { name: 'same' }),
  ],
  edges: [edgeOf('t', 'w'), edgeOf('w', 'o', { targetHandle: 'value' }), edgeOf('i', 'p', { targetHandle: 'value' })],
});

let count = 0;
async function publish(data: object = graph()): Promise<{ readonly id: number; readonly slug: string }> {
  const created = await user.call('POST', '/api/workflows', { body: { name: `By name ${(count += 1)}`, data } });
  expect([created.status, created.body.errors]).toEqual([201, undefined]);
  const published = await user.call('POST', `/api/workflows/${created.body.id}/publish`);
  expect(published.status).toBe(201);
  return { id: created.body.id, slug: published.body.slug };
}
const start = (slug: string, body: object, query = '') => user.call('POST', `/api/w/${slug}/run${query}`, { body });

describe('a run by name', () => {
  test('is durable at once, and has its inputs, its outputs and the number of its version by name', async () => {
    const { id, slug } = await publish();
    const answer = await start(slug, { inputs: { topic: 'tea' } });
    expect(answer.status).toBe(202);
    const run = runDetailSchema.parse(answer.body);
    expect(run).toMatchObject({ workflowId: id, workflowVersion: 1, triggerType: 'API' });
    expect(run.inputs).toMatchObject({ topic: 'tea', count: 3 });
    await player.finish(run.id);
    const done = await user.call('GET', `/api/runs/${run.id}`);
    expect(done.body).toMatchObject({ status: 'COMPLETED', outputs: { copy: 'from o', same: 'from p' } });
  });

  test('is answered when it ends, within the wait', async () => {
    const { slug } = await publish();
    const waiting = start(slug, { inputs: { topic: 'a' } }, '?wait=30');
    const runId = await (async () => {
      for (;;) {
        const [run] = (await user.call('GET', '/api/runs?limit=1')).body.items;
        if (run.workflowId === (await user.call('GET', `/api/w/${slug}`)).body.workflowId) return run.id;
      }
    })();
    await player.finish(runId);
    expect((await waiting).body).toMatchObject({ id: runId, status: 'COMPLETED', outputs: { copy: 'from o' } });
    expect((await start(slug, { inputs: { topic: 'a' } }, '?wait=61')).status).toBe(400);
  });

  test('is of the version that is asked for, and of that which is live by default', async () => {
    const { id, slug } = await publish(graph('first'));
    await user.call('PUT', `/api/workflows/${id}`, { body: { data: graph('second') } });
    expect((await start(slug, { inputs: { topic: 'a' } })).body.workflowVersion).toBe(1);
    await user.call('POST', `/api/workflows/${id}/publish`);
    const inputs = { topic: 'a' };
    expect((await start(slug, { inputs })).body.workflowVersion).toBe(2);
    const pinned = await start(slug, { inputs }, '?version=1');
    expect(pinned.body.workflowVersion).toBe(1);
    const none = await start(slug, { inputs }, '?version=3');
    expect([none.status, none.body.code]).toEqual([404, 'WORKFLOW_VERSION_NOT_FOUND']);
    expect((await start(slug, { inputs }, '?version=x')).status).toBe(400);
  });

  test.each([
    ['missing', {}, 'RUN_INPUT_MISSING', 'inputs.topic'],
    ['unknown', { inputs: { topic: 'a', other: 1 } }, 'RUN_INPUT_UNKNOWN', 'inputs.other'],
    ['wrong', { inputs: { topic: 'a', count: '3' } }, 'RUN_INPUT_INVALID', 'inputs.count'],
  ])('is refused with the path where an input is %s', async (_what, body, code, path) => {
    const { slug } = await publish();
    const answer = await start(slug, body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([expect.objectContaining({ code, path })]);
  });

  test('takes what its body may have, and nothing else', async () => {
    const { slug } = await publish();
    const inputs = { topic: 'a' };
    for (const field of ['nodeIds', 'version', 'draft', 'triggerType']) {
      expect((await start(slug, { inputs, [field]: 1 })).status).toBe(400);
    }
    expect((await start(slug, { inputs, useCache: false })).status).toBe(202);
  });

  test('is started once for one Idempotency-Key', async () => {
    const { slug } = await publish();
    const once = (version: string) =>
      user.call('POST', `/api/w/${slug}/run${version}`, {
        headers: { 'Idempotency-Key': slug },
        body: { inputs: { topic: 'a' } },
      });
    const first = await once('');
    const second = await once('');
    expect([second.body.id, second.headers.get('Idempotent-Replayed')]).toEqual([first.body.id, 'true']);
    expect((await once('?version=1')).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('is not there for a workflow that was never published, nor for somebody else’s', async () => {
    const created = await user.call('POST', '/api/workflows', { body: { name: 'Quiet', data: graph() } });
    expect(created.body.slug).toBeNull();
    const { slug } = await publish();
    const stranger = await server.addUser();
    const foreign = await stranger.call('POST', `/api/w/${slug}/run`, { body: { inputs: { topic: 'a' } } });
    const none = await stranger.call('POST', '/api/w/quiet/run', { body: {} });
    expect([foreign.status, foreign.body.code, none.status, none.body.code]).toEqual([
      404,
      'WORKFLOW_NOT_FOUND',
      404,
      'WORKFLOW_NOT_FOUND',
    ]);
    expect((await user.call('POST', '/api/w/No%20Slug/run', { body: {} })).body.code).toBe('WORKFLOW_NOT_FOUND');
  });
});

describe('a run whose inputs come as a form', () => {
  const send = (slug: string, parts: Readonly<Record<string, string | Blob>>, as = user) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(parts)) {
      if (typeof value === 'string') form.append(name, value);
      else form.append(name, value, 'from-a-form.png');
    }
    return as.call('POST', `/api/w/${slug}/run`, { raw: form });
  };
  const photo = () => new Blob([picture]);
  const filesOf = async () =>
    (await user.call('GET', '/api/assets')).body.items.map((file: { name: string }) => file.name);

  test('takes files and texts as parts by name, and others as JSON in one part', async () => {
    const { slug } = await publish();
    const answer = await send(slug, { photo: photo(), topic: '12', count: '7', inputs: '{"loud": false}' });
    expect([answer.status, answer.body.errors]).toEqual([202, undefined]);
    expect(answer.body.inputs).toMatchObject({
      topic: '12',
      count: 7,
      loud: false,
      photo: expect.stringMatching(/^\/api\/assets\/[0-9a-f-]{36}\/content$/),
    });
    const file = await user.call('GET', answer.body.inputs.photo);
    expect(file.headers.get('content-type')).toBe('image/png');
    const mark = 'the-same-form';
    const again = (text: string) => {
      const form = new FormData();
      form.append('photo', photo(), 'from-a-form.png');
      form.append('topic', text);
      return user.call('POST', `/api/w/${slug}/run`, { raw: form, headers: { 'Idempotency-Key': mark } });
    };
    const [first, second] = [await again('a'), await again('a')];
    expect([second.status, second.body.id]).toEqual([202, first.body.id]);
    expect((await again('b')).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('takes the parts of one name, one after the other, as a list', async () => {
    const { slug } = await publish({
      nodes: [
        nodeOf('l', 'list', { type: 'image', input: { name: 'photos' } }),
        nodeOf('t', 'list', { input: { name: 'words' } }),
        nodeOf('n', 'list', { type: 'number', input: { name: 'sizes' } }),
        nodeOf('c', 'collect'),
        nodeOf('o', 'output', { name: 'all' }),
      ],
      edges: [
        edgeOf('l', 'c', { targetHandle: 'items' }),
        edgeOf('t', 'c', { targetHandle: 'items' }),
        edgeOf('c', 'o', { targetHandle: 'value' }),
      ],
    });
    const form = new FormData();
    form.append('photos', photo(), 'one.png');
    form.append('words', 'a');
    form.append('photos', photo(), 'two.png');
    form.append('words', '1');
    form.append('sizes', '[1, 2]');
    const answer = await user.call('POST', `/api/w/${slug}/run`, { raw: form });
    expect([answer.status, answer.body.errors]).toEqual([202, undefined]);
    const url: unknown = expect.stringMatching(/^\/api\/assets\/[0-9a-f-]{36}\/content$/);
    expect(answer.body.inputs).toEqual({ photos: [url, url], words: ['a', '1'], sizes: [1, 2] });
    const wrong = await start(slug, { inputs: { photos: ['nowhere'], words: 'a', sizes: ['x'] } });
    expect(wrong.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'inputs.photos',
      'inputs.words',
      'inputs.sizes',
    ]);
  });

  test.each([
    ['a file that no input takes', () => ({ topic: photo() }), 422, 'RUN_INPUT_INVALID'],
    ['a file of an unknown name', () => ({ nothing: photo() }), 422, 'RUN_INPUT_UNKNOWN'],
    ['text that is no number', () => ({ topic: 'a', count: 'seven' }), 422, 'RUN_INPUT_INVALID'],
    ['no required input', () => ({ count: '2' }), 422, 'RUN_INPUT_MISSING'],
    ['a part that is no object', () => ({ inputs: '[1]' }), 400, 'UPLOAD_INVALID'],
    ['a value twice', () => ({ topic: 'a', inputs: '{"topic":"b"}' }), 400, 'UPLOAD_INVALID'],
    ['a key that no body may have', () => ({ inputs: '{"__proto__":{}}' }), 400, 'FORBIDDEN_KEY'],
    ['a part of such a name', () => ({ constructor: 'x' }), 400, 'FORBIDDEN_KEY'],
    ['U+0000', () => ({ topic: 'a\0b' }), 422, 'INVALID_TEXT'],
    ['too much text', () => ({ topic: 'x'.repeat(300_000) }), 400, 'UPLOAD_INVALID'],
  ])('is refused for %s, and nothing is kept or started', async (_what, parts, status, code) => {
    const { id, slug } = await publish();
    const before = await filesOf();
    const answer = await send(slug, parts() as Record<string, string | Blob>);
    expect([answer.status, answer.body.errors?.[0].code ?? answer.body.code]).toEqual([status, code]);
    expect((await user.call('GET', `/api/workflows/${id}/runs`)).body.items).toEqual([]);
    expect(await filesOf()).toEqual(before);
  });

  test('keeps no file of a form that breaks off', async () => {
    const { slug } = await publish();
    const before = await filesOf();
    const head = '--x\r\nContent-Disposition: form-data; name="photo"; filename="cut.png"\r\n\r\n';
    const answer = await user.call('POST', `/api/w/${slug}/run`, {
      raw: Buffer.concat([Buffer.from(head), Buffer.from(picture)]),
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'UPLOAD_INVALID']);
    expect(await filesOf()).toEqual(before);
  });
});

describe('a run as server-sent events', () => {
  const listen = (path: string, init: RequestInit = {}, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${user.key}`, accept: 'text/event-stream', ...headers },
    });
  const startListening = (slug: string) =>
    listen(
      `/api/w/${slug}/run`,
      { method: 'POST', body: '{"inputs":{"topic":"a"}}' },
      { 'content-type': 'application/json' },
    );

  test('comes with its events in order, and with its outputs at the end', async () => {
    const { slug } = await publish();
    const response = await startListening(slug);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const events: StreamedEvent[] = [];
    for await (const event of readEvents(response)) {
      events.push(event);
      if (event.event === 'run') await player.finish(event.data.id);
    }
    expect([events[0]!.event, events.at(-1)!.event]).toEqual(['run', 'done']);
    expect(events[0]!.data).toMatchObject({ status: 'PENDING', workflowVersion: 1, inputs: { topic: 'a' } });
    expect(runDetailSchema.parse(events.at(-1)!.data)).toMatchObject({
      status: 'COMPLETED',
      outputs: { copy: 'from o' },
    });
    const seqs = events.slice(0, -1).map(({ id }) => Number(id));
    expect(seqs).toEqual(seqs.map((_, index) => index + seqs[0]!));
  });

  test('goes on after the last event that a listener has, also once it is over', async () => {
    const { slug } = await publish();
    const { id } = (await start(slug, { inputs: { topic: 'a' } })).body;
    await player.finish(id);
    const all = async (headers: Record<string, string> = {}, query = '') => {
      const events: StreamedEvent[] = [];
      for await (const event of readEvents(await listen(`/api/runs/${id}/events${query}`, {}, headers)))
        events.push(event);
      return events;
    };
    const whole = await all();
    expect(whole.at(-1)).toMatchObject({ event: 'done', data: { status: 'COMPLETED' } });
    const last = Number(whole.at(-2)!.id);
    expect((await all({ 'last-event-id': String(last - 2) })).map((event) => event.id)).toEqual(
      whole.slice(-3).map((event) => event.id),
    );
    expect((await all({}, `?after=${last}`)).map(({ event }) => event)).toEqual(['done']);
    const stranger = await server.addUser();
    const foreign = await listen(`/api/runs/${id}/events`, {}, { authorization: `Bearer ${stranger.key}` });
    expect(foreign.status).toBe(404);
  });

  test('ends with the right to it, and says so', async () => {
    const { slug } = await publish();
    const guest = await server.addKey(user, {});
    const response = await fetch(`${server.url}/api/w/${slug}/run`, {
      method: 'POST',
      body: '{"inputs":{"topic":"a"}}',
      headers: {
        authorization: `Bearer ${guest.key}`,
        accept: 'text/event-stream',
        'content-type': 'application/json',
      },
    });
    const events: StreamedEvent[] = [];
    for await (const event of readEvents(response)) {
      events.push(event);
      if (event.event !== 'run') continue;
      const { items } = (await user.call('GET', '/api/keys')).body;
      const key = items.find(({ prefix }: { prefix: string }) => guest.key.startsWith(prefix));
      await user.call('DELETE', `/api/keys/${key.id}`);
    }
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'AUTH_INVALID' } });
  });

  test('is refused before anything starts where its inputs are wrong, and where too many are open', async () => {
    const { id, slug } = await publish();
    const wrong = await listen(
      `/api/w/${slug}/run`,
      { method: 'POST', body: '{}' },
      { 'content-type': 'application/json' },
    );
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([422, 'application/problem+json; charset=utf-8']);
    const open = await Promise.all(Array.from({ length: 30 }, () => startListening(slug)));
    const beyond = await startListening(slug);
    expect([beyond.status, ((await beyond.json()) as { code: string }).code]).toEqual([429, 'RATE_LIMITED']);
    expect((await user.call('GET', `/api/workflows/${id}/runs`)).body.items).toHaveLength(30);
    await Promise.all(open.map((response) => response.body!.cancel()));
  });
});

describe('the contract of a published workflow', () => {
  const problemsOf = async (document: object) => {
    const config = await createConfig({ extends: ['recommended-strict'], rules: { 'info-license': 'off' } });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
  };

  test('is an OpenAPI document that a linter finds nothing wrong with', async () => {
    const { slug } = await publish();
    const { status, body } = await user.call('GET', `/api/w/${slug}/openapi.json`);
    expect(status).toBe(200);
    expect(await problemsOf(body)).toEqual([]);
    // It does find what is wrong.
    body.components.schemas.Inputs.properties.topic.type = 'words';
    delete body.components.schemas.NodeExecution;
    expect((await problemsOf(body)).length).toBeGreaterThan(1);
  });

  test('of each template is one as well', async () => {
    for (const template of templates) {
      const file = await user.call('POST', '/api/assets', upload(picture, `${template.id}.png`));
      const data = await fillTemplate(template, { model: 'gemini-x', store: async () => file.body.url });
      const { slug } = await publish(data);
      const { body } = await user.call('GET', `/api/w/${slug}/openapi.json`);
      expect([template.id, await problemsOf(body)]).toEqual([template.id, []]);
    }
  });

  test('says what the elements of its lists are', async () => {
    const { slug } = await publish({
      nodes: [
        nodeOf('t', 'list', { input: { name: 'words' } }),
        nodeOf('i', 'list', { type: 'image', input: { name: 'photos' } }),
        nodeOf('o', 'output', { name: 'all' }),
      ],
      edges: [edgeOf('t', 'o', { targetHandle: 'value' })],
    });
    const { body } = await user.call('GET', `/api/w/${slug}/openapi.json`);
    expect(await problemsOf(body)).toEqual([]);
    expect(body.components.schemas.Inputs.properties).toMatchObject({
      words: { type: 'array', items: { type: 'string' } },
      photos: { type: 'array', 'x-data-type': 'list<image>', items: { type: 'string', 'x-data-type': 'image' } },
    });
  });

  test('has its own inputs and outputs, and is of the version that is asked for', async () => {
    const { id, slug } = await publish();
    const { body } = await user.call('GET', `/api/w/${slug}/openapi.json`);
    expect(Object.keys(body.paths)).toEqual([`/api/w/${slug}/run`]);
    const { Inputs, Outputs, Run, Start } = body.components.schemas;
    expect(Inputs).toMatchObject({
      required: ['topic'],
      additionalProperties: false,
      properties: {
        topic: { type: 'string', description: 'What it is about.' },
        count: { type: 'integer', minimum: 1, default: 3 },
        loud: { 'x-hidden': true },
        photo: { 'x-data-type': 'image', 'x-formats': ['image/png'] },
      },
    });
    expect(Start.required).toEqual(['inputs']);
    expect(Outputs.properties).toMatchObject({ copy: { title: 'The copy' }, same: { type: 'object' } });
    expect(Run.properties.outputs.$ref).toBe('#/components/schemas/Outputs');
    await user.call('PUT', `/api/workflows/${id}`, {
      body: { data: { nodes: [nodeOf('x', 'text', { text: 'a' })], edges: [] } },
    });
    await user.call('POST', `/api/workflows/${id}/publish`);
    const now = (await user.call('GET', `/api/w/${slug}/openapi.json`)).body;
    expect([now.info.version, Object.keys(now.components.schemas.Inputs.properties)]).toEqual(['2', []]);
    expect(await problemsOf(now)).toEqual([]);
    const before = (await user.call('GET', `/api/w/${slug}/openapi.json?version=1`)).body;
    expect(before).toEqual(body);
  });

  test('and what there is to fill in are told without the graph', async () => {
    const { id, slug } = await publish();
    const { body } = await user.call('GET', `/api/w/${slug}`);
    expect(namedWorkflowSchema.parse(body)).toMatchObject({
      slug,
      workflowId: id,
      version: 1,
      results: [
        { name: 'copy', nodeId: 'o', from: 'w' },
        { name: 'same', nodeId: 'p', from: 'i' },
      ],
    });
    expect(Object.keys(body).toSorted()).toEqual([
      'hash',
      'inputs',
      'name',
      'outputs',
      'results',
      'role',
      'slug',
      'version',
      'workflowId',
      'workspaceId',
    ]);
  });
});
