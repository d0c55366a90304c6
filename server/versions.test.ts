import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { publishedVersionDetailSchema, publishedVersionPageSchema, publishResultSchema } from '../core/api/versions.ts';
import { workflowSchema } from '../core/api/workflows.ts';
import { nodeOf } from '../testing/graphs.ts';
import { createRunPlayer } from '../testing/play-run.ts';
import {
  smallGraph,
  startTestServer,
  type TestAnswer,
  type TestServer,
  type TestUser,
} from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

const add = async (data: object = smallGraph(), name = 'w', owner = user): Promise<number> =>
  (await owner.call('POST', '/api/workflows', { body: { name, data, draft: true } })).body.id;
const change = async (id: number, data: object) => {
  expect((await user.call('PUT', `/api/workflows/${id}`, { body: { data, draft: true } })).status).toBe(200);
};
const publish = (id: number, body: object = {}) => user.call('POST', `/api/workflows/${id}/publish`, { body });
const read = async (id: number) => workflowSchema.parse((await user.call('GET', `/api/workflows/${id}`)).body);
const run = (id: number, body: object = {}) => user.call('POST', `/api/workflows/${id}/run`, { body });
const restore = (id: number, body: object) => user.call('POST', `/api/workflows/${id}/restore`, { body });
const setLive = (id: number, version: number) => user.call('PUT', `/api/workflows/${id}/live`, { body: { version } });
const graphOf = async (answer: TestAnswer) => (await user.call('GET', `/api/runs/${answer.body.id}/graph`)).body;
const draftsOf = async (id: number) => (await user.call('GET', `/api/workflows/${id}/drafts`)).body.items;

describe('publishing', () => {
  test('gives a draft a number, a note, whoever did it, and a name in addresses', async () => {
    const id = await add(smallGraph(), 'Crème brûlée');
    expect(await read(id)).toMatchObject({ slug: null, liveVersion: null, liveDraftVersion: null });
    const answer = await publish(id, { note: ' first try ' });
    expect(answer.status).toBe(201);
    const first = publishResultSchema.parse(answer.body);
    expect(first).toMatchObject({
      version: 1,
      note: 'first try',
      publishedBy: user.email,
      live: true,
      draftVersion: 1,
    });
    expect(first.slug).toBe('creme-brulee');
    expect(await read(id)).toMatchObject({ slug: 'creme-brulee', liveVersion: 1, liveDraftVersion: 1, version: 1 });
    const { items } = (await user.call('GET', '/api/workflows?search=brûlée')).body;
    expect(items).toMatchObject([{ slug: 'creme-brulee', liveVersion: 1 }]);
  });

  test('lists versions newest first, by pages, and gives each with its graph', async () => {
    const id = await add(smallGraph('one'));
    for (const text of ['one', 'two', 'three']) {
      await change(id, smallGraph(text));
      await publish(id, { note: text });
    }
    const page = async (query: string) =>
      publishedVersionPageSchema.parse((await user.call('GET', `/api/workflows/${id}/versions?${query}`)).body);
    const first = await page('limit=2');
    expect(first.items.map(({ version, note, live }) => [version, note, live])).toEqual([
      [3, 'three', true],
      [2, 'two', false],
    ]);
    const last = await page(`limit=2&cursor=${first.nextCursor}`);
    expect([last.items.map(({ version }) => version), last.nextCursor]).toEqual([[1], null]);
    const second = await user.call('GET', `/api/workflows/${id}/versions/2`);
    expect(publishedVersionDetailSchema.parse(second.body)).toMatchObject({ version: 2, data: smallGraph('two') });
    for (const version of ['4', '0', 'x', '99999999999']) {
      const none = await user.call('GET', `/api/workflows/${id}/versions/${version}`);
      expect([none.status, none.body.code]).toEqual([404, 'WORKFLOW_VERSION_NOT_FOUND']);
    }
  });

  test('at once by several gives each a number of its own, and the last is live', async () => {
    const id = await add();
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => publish(id, { note: `${index}` })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(answers.map(({ body }) => body.version).toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(answers.map(({ body }) => body.slug)).size).toBe(1);
    expect((await read(id)).liveVersion).toBe(6);
  });

  test('of another draft than is meant is refused', async () => {
    const id = await add();
    await change(id, smallGraph('newer'));
    const answer = await publish(id, { draftVersion: 1 });
    expect([answer.status, answer.body.code]).toEqual([409, 'WORKFLOW_VERSION_CONFLICT']);
    expect((await publish(id, { draftVersion: 2 })).body.version).toBe(1);
  });

  test('of a draft that cannot run is refused with the place; what each run has to give may be missing', async () => {
    const empty = await publish(await add({ nodes: [], edges: [] }));
    expect([empty.status, empty.body.code]).toEqual([422, 'GRAPH_EMPTY']);
    const broken = await publish(await add({ nodes: [nodeOf('w', 'delay', { ms: -1 })], edges: [] }));
    expect(broken.body.errors).toMatchObject([{ code: 'NODE_DATA_INVALID', path: 'data.nodes[0].data.ms' }]);
    const unconnected = await publish(await add({ nodes: [nodeOf('c', 'cropImage', {})], edges: [] }));
    expect(unconnected.body).toMatchObject({ status: 422, errors: [{ code: 'INPUT_MISSING', nodeIds: ['c'] }] });
    const image = (input: object) => ({ nodes: [nodeOf('i', 'image', { input })], edges: [] });
    expect((await publish(await add(image({ name: 'photo', required: true })))).status).toBe(201);
  });

  test('takes another address where the name is taken, and refuses one that is asked for', async () => {
    const first = await publish(await add(smallGraph(), 'Twice'));
    const second = await publish(await add(smallGraph(), 'Twice'));
    expect(first.body.slug).toBe('twice');
    expect(second.body.slug).toMatch(/^twice-[0-9a-f]{8}$/);
    const stranger = await server.addUser();
    const theirs = await add(smallGraph(), 'x', stranger);
    const taken = await stranger.call('POST', `/api/workflows/${theirs}/publish`, { body: { slug: 'twice' } });
    expect([taken.status, taken.body.code]).toEqual([409, 'WORKFLOW_SLUG_TAKEN']);
    expect((await publish(await add(), { slug: 'Not A Slug' })).status).toBe(400);
  });

  test('at once of many of one name gives each an address of its own', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => add(smallGraph(), 'Crowd')));
    const answers = await Promise.all(ids.map((id) => publish(id)));
    expect(new Set(answers.map(({ body }) => body.slug)).size).toBe(5);
  });
});

describe('the address of a workflow', () => {
  test('can be changed, once it is published, to one that is free', async () => {
    const id = await add();
    const rename = (slug: string) => user.call('PUT', `/api/workflows/${id}/slug`, { body: { slug } });
    expect((await rename('early')).body.code).toBe('WORKFLOW_NOT_PUBLISHED');
    await publish(id, { slug: 'before' });
    expect((await rename('after')).body).toEqual({ slug: 'after' });
    expect((await read(id)).slug).toBe('after');
    expect((await publish(await add(), { slug: 'before' })).status).toBe(201);
    expect((await rename('before')).body.code).toBe('WORKFLOW_SLUG_TAKEN');
    expect((await publish(id)).body).toMatchObject({ version: 2, slug: 'after' });
  });
});

describe('what is live', () => {
  test('runs by the id, whatever happens to the draft; the draft runs where it is asked for', async () => {
    const id = await add(smallGraph('published'));
    const before = await run(id);
    expect(before.body.workflowVersion).toBeNull();
    await publish(id);
    await change(id, smallGraph('draft'));
    const live = await run(id);
    expect([live.status, live.body.workflowVersion]).toEqual([202, 1]);
    expect(await graphOf(live)).toEqual(smallGraph('published'));
    for (const body of [{ draft: true }, { version: 2 }, { mode: 'to', nodeIds: ['b'] }]) {
      const drafted = await run(id, body);
      expect([drafted.status, drafted.body.workflowVersion]).toEqual([202, null]);
      expect(await graphOf(drafted)).toEqual(smallGraph('draft'));
    }
    const { items } = (await user.call('GET', `/api/workflows/${id}/runs`)).body;
    expect(items.map((item: { workflowVersion: number | null }) => item.workflowVersion)).toEqual([
      null,
      null,
      null,
      1,
      null,
    ]);
  });

  test('moves at once for every start, also on a server that ran the one before', async () => {
    const id = await add(smallGraph('one'));
    await publish(id);
    await run(id);
    await change(id, smallGraph('two'));
    await publish(id);
    expect((await run(id)).body.workflowVersion).toBe(2);
    expect((await setLive(id, 1)).body).toEqual({ version: 1 });
    const rolledBack = await run(id);
    expect(rolledBack.body.workflowVersion).toBe(1);
    expect(await graphOf(rolledBack)).toEqual(smallGraph('one'));
    // By another server.
    await server.database.pool.query('update workflows set live_version = 2 where id = $1', [id]);
    const both = await Promise.all(Array.from({ length: 8 }, () => run(id)));
    expect(new Set(both.map(({ body }) => body.workflowVersion))).toEqual(new Set([2]));
    const none = await setLive(id, 3);
    expect([none.status, none.body.code]).toEqual([404, 'WORKFLOW_VERSION_NOT_FOUND']);
  });

  test('is what a run of many, a plan and the interface are of', async () => {
    const marked = (name: string) => ({ nodes: [nodeOf('t', 'text', { text: 'own', input: { name } })], edges: [] });
    const id = await add(marked('topic'));
    await publish(id);
    await change(id, marked('subject'));
    const inputsOf = async (query = '') =>
      Object.keys((await user.call('GET', `/api/workflows/${id}/interface${query}`)).body.inputs.properties);
    expect(await inputsOf()).toEqual(['topic']);
    expect(await inputsOf('?draft=1')).toEqual(['subject']);
    const inputs = { topic: 'x' };
    const plan = (body: object) => user.call('POST', `/api/workflows/${id}/plan`, { body });
    expect((await plan({ inputs })).status).toBe(200);
    expect((await plan({ inputs, draft: true })).body.code).toBe('RUN_INPUT_UNKNOWN');
    const many = await user.call('POST', `/api/workflows/${id}/runs`, { body: { runs: [{ inputs }] } });
    expect(many.body.items).toMatchObject([{ run: { workflowVersion: 1 } }]);
  });

  test('stays the number of a run that is retried', async () => {
    const id = await add();
    await publish(id);
    const first = (await run(id)).body.id;
    await (await createRunPlayer(server.database.pool)).fail(first, 'broken');
    await change(id, smallGraph('later'));
    const retried = await user.call('POST', `/api/runs/${first}/retry`);
    expect([retried.status, retried.body.workflowVersion]).toEqual([202, 1]);
    expect((await user.call('GET', `/api/runs/${retried.body.id}`)).body.workflowVersion).toBe(1);
  });
});

describe('restoring', () => {
  test('makes a version the draft, keeps the draft that it replaces, and leaves what is live alone', async () => {
    const id = await add(smallGraph('one'));
    await publish(id);
    await change(id, smallGraph('two'));
    await publish(id);
    await change(id, smallGraph('work of an afternoon'));
    const restored = await restore(id, { version: 1 });
    expect(restored.status).toBe(200);
    expect(workflowSchema.parse(restored.body)).toMatchObject({ version: 4, data: smallGraph('one'), liveVersion: 2 });
    const [kept] = await draftsOf(id);
    expect(kept).toMatchObject({ keptBy: user.email });
    const back = await restore(id, { draftId: kept.id, draftVersion: 4 });
    expect(back.body.data).toEqual(smallGraph('work of an afternoon'));
    // That of version 1 can be had again by its number.
    expect(await draftsOf(id)).toHaveLength(1);
  });

  test('of what is not there, of nothing, of both, or over another draft changes nothing', async () => {
    const id = await add();
    await publish(id);
    const { id: foreignDraft } = await (async () => {
      const other = await add(smallGraph('a'));
      await publish(other);
      await change(other, smallGraph('b'));
      await restore(other, { version: 1 });
      return (await draftsOf(other))[0];
    })();
    const answers = await Promise.all([
      restore(id, { version: 2 }),
      restore(id, { draftId: foreignDraft }),
      restore(id, {}),
      restore(id, { version: 1, draftId: foreignDraft }),
      restore(id, { version: 1, draftVersion: 7 }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 400, 400, 409]);
    expect((await read(id)).version).toBe(1);
  });

  test('keeps the newest drafts only', async () => {
    const id = await add();
    await publish(id);
    for (let turn = 0; turn < 22; turn += 1) {
      await change(id, smallGraph(`draft ${turn}`));
      await restore(id, { version: 1 });
    }
    const drafts = await draftsOf(id);
    expect(drafts).toHaveLength(20);
    const last = await restore(id, { draftId: drafts[0].id });
    expect(last.body.data).toEqual(smallGraph('draft 21'));
  });
});

test('published versions count toward the quota, and go with their workflow', async () => {
  const small = await startTestServer({ DATA_MAX_MB: '1' });
  try {
    const owner = await small.addUser();
    // Not to be compressed.
    const text = () => Array.from({ length: 6_000 }, () => crypto.randomUUID()).join('');
    const { id } = (await owner.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph(text()) } })).body;
    const statuses = [];
    for (let turn = 0; turn < 6; turn += 1) {
      await owner.call('PUT', `/api/workflows/${id}`, { body: { data: smallGraph(text()) } });
      const { status, body } = await owner.call('POST', `/api/workflows/${id}/publish`);
      statuses.push(status === 201 ? 201 : body.code);
    }
    expect(statuses[0]).toBe(201);
    expect(statuses.at(-1)).toBe('DATA_QUOTA_FULL');
    expect((await owner.call('DELETE', `/api/workflows/${id}`)).status).toBe(204);
    const { rows } = await small.database.pool.query('select count(*)::integer as count from published_versions');
    expect(rows).toEqual([{ count: 0 }]);
  } finally {
    await small.stop();
  }
});

test('what was done with versions stands in the audit log', async () => {
  const owner = await server.signIn(await server.addUser('owner'));
  const id = await add(smallGraph(), 'audited');
  await publish(id);
  await setLive(id, 1);
  await restore(id, { version: 1 });
  await user.call('PUT', `/api/workflows/${id}/slug`, { body: { slug: 'audited-elsewhere' } });
  const { items } = (await owner.call('GET', '/api/admin/audit?search=audited')).body;
  expect(items.map(({ action }: { action: string }) => action).toSorted()).toEqual([
    'workflow.live',
    'workflow.publish',
    'workflow.restore',
    'workflow.slug',
  ]);
});
