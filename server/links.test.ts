import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  appLinkListSchema,
  createdLinkSchema,
  sharedAppSchema,
  sharedRunListSchema,
  sharedRunSchema,
} from '../core/api/links.ts';
import type { Request } from 'express';
import { nodeCatalogue } from '../nodes/definitions.ts';
import type { RateLimits } from './limits/rate-limits.ts';
import type { ServerDependencies } from './routes/deps.ts';
import { createLinkOpener } from './routes/links/open-link.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { readEvents, type StreamedEvent } from '../testing/read-events.ts';
import { upload } from '../testing/things.ts';
import { startTestServer, type CallOptions, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let owner: TestUser;
let player: RunPlayer;
let workflow: { readonly id: number; readonly slug: string };
let picture: Uint8Array<ArrayBuffer>;

const graph = {
  nodes: [
    nodeOf('secret-node', 'text', { text: 'own', input: { name: 'topic', required: true } }),
    nodeOf('tone-node', 'text', { text: 'calm', input: { name: 'tone' } }),
    nodeOf('hidden-node', 'boolean', { value: true, input: { name: 'loud', hidden: true } }),
    nodeOf('photo-node', 'image', { input: { name: 'photo', default: 'https://example.com/a.png' } }),
    nodeOf('w', 'delay', { ms: 0 }),
    nodeOf('o', 'output', { name: 'copy', label: 'The copy' }),
    nodeOf('p', 'output', { name: 'same' }),
  ],
  edges: [
    edgeOf('secret-node', 'w'),
    edgeOf('w', 'o', { targetHandle: 'value' }),
    edgeOf('photo-node', 'p', { targetHandle: 'value' }),
  ],
};

beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: '1' });
  owner = await server.addUser();
  player = await createRunPlayer(server.database.pool);
  picture = new Uint8Array(await readFile(await makePicture('png')));
  workflow = await publish();
});
afterAll(() => server.stop());

async function publish(data: object = graph) {
  const { id } = (await owner.call('POST', '/api/workflows', { body: { name: 'Copy writer', data } })).body;
  const { slug } = (await owner.call('POST', `/api/workflows/${id}/publish`)).body;
  return { id: id as number, slug: slug as string };
}

async function makeLink(body: object = {}, id = workflow.id) {
  const answer = await owner.call('POST', `/api/workflows/${id}/links`, { body });
  expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
  const link = createdLinkSchema.parse(answer.body);
  return { ...link, path: new URL(link.url).pathname.replace('/share/', '/api/shared/') };
}

/** A browser of somebody without an account: it keeps the cookie that it gets. */
function visitor(address = '192.0.2.1') {
  const jar = { cookie: '' };
  const visit = async (method: string, path: string, options: CallOptions = {}) => {
    const headers = { 'x-forwarded-for': address, ...(jar.cookie !== '' && jar), ...options.headers };
    const answer = await server.call(method, path, { ...options, headers });
    jar.cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? jar.cookie;
    return answer;
  };
  return Object.assign(visit, { jar });
}
type Visit = ReturnType<typeof visitor>;

const start = (visit: Visit, path: string, inputs: object = { topic: 'tea' }, headers = {}) =>
  visit('POST', `${path}/runs`, { body: { inputs }, headers });

describe('attack 30: a link', () => {
  test('is counted for each address and for all together, so that no visitor keeps the others out', async () => {
    const link = await makeLink();
    const taken: string[] = [];
    const rates: RateLimits = {
      take: async (name, key) => (taken.push(`${name} ${key}`), null),
      takeFrom: async (name, address, of) => (
        taken.push(`${name} ${of} ${address}`),
        address === '192.0.2.9' ? 1 : null
      ),
    };
    const { pool } = server.database;
    const settings = { publicUrl: null, basePath: '' } as ServerDependencies['settings'];
    const links = createLinkOpener({ pool, rates, settings, catalogue: nodeCatalogue });
    const open = (ip: string) =>
      links.open(link.url.split('/').at(-1)!, { ip, headers: {} } as Request, { cookie: () => undefined } as never);
    await expect(open('192.0.2.9')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect((await open('192.0.2.8')).link.id).toBe(link.id);
    expect(taken).toEqual([`linkVisitor ${link.id} 192.0.2.9`, `linkVisitor ${link.id} 192.0.2.8`, `link ${link.id}`]);
  });

  test('is made by an editor of what is published, lasts 30 days and 100 runs, and shows its address once', async () => {
    const link = await makeLink({ name: 'For Kim' });
    expect(link).toMatchObject({ name: 'For Kim', state: 'open', maxRuns: 100, runs: 0, inputs: null });
    const days = (Date.parse(link.expiresAt!) - Date.parse(link.createdAt)) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    const listed = await owner.call('GET', `/api/workflows/${workflow.id}/links`);
    const token = link.url.split('/').at(-1)!;
    expect(appLinkListSchema.parse(listed.body).items.map(({ id }) => id)).toContain(link.id);
    expect(listed.text).not.toContain(token);
    const { rows } = await server.database.pool.query('select row_to_json(l)::text as row from app_links l');
    expect(rows.map(({ row }) => row).join()).not.toContain(token);
    const draft = await owner.call('POST', '/api/workflows', { body: { name: 'd', data: graph } });
    const refused = await owner.call('POST', `/api/workflows/${draft.body.id}/links`);
    expect([refused.status, refused.body.code]).toEqual([409, 'WORKFLOW_NOT_PUBLISHED']);
  });

  test('is refused where no run could begin by it, by the place of what is wrong', async () => {
    const refused = async (body: object) => {
      const answer = await owner.call('POST', `/api/workflows/${workflow.id}/links`, { body });
      return [answer.status, answer.body.errors?.map(({ code, path }: { code: string; path: string }) => [code, path])];
    };
    expect(await refused({ inputs: ['tone'] })).toEqual([422, [['RUN_INPUT_MISSING', 'fixed.topic']]]);
    expect(await refused({ inputs: ['nothing', 'topic'] })).toEqual([422, [['RUN_INPUT_UNKNOWN', 'inputs']]]);
    expect(await refused({ fixed: { topic: 3 } })).toEqual([422, [['RUN_INPUT_INVALID', 'fixed.topic']]]);
    expect(await refused({ inputs: ['topic'], fixed: { topic: 'a' } })).toEqual([
      422,
      [['RUN_INPUT_INVALID', 'fixed.topic']],
    ]);
    expect((await refused({ expiresAt: '2020-01-01T00:00:00Z' }))[0]).toBe(400);
  });

  test('shows its form and nothing of the graph, and takes the inputs that it lets be given alone', async () => {
    const { path } = await makeLink({ inputs: ['topic'], fixed: { tone: 'wild' } });
    const visit = visitor();
    const shown = await visit('GET', path);
    const app = sharedAppSchema.parse(shown.body);
    expect(app).toMatchObject({ name: 'Copy writer', runsLeft: 100, inputs: { required: ['topic'] } });
    expect(Object.keys(app.inputs['properties'] as object)).toEqual(['topic']);
    expect(Object.keys(app.outputs['properties'] as object)).toEqual(['copy', 'same']);
    // The workflow's own words stand in the form; its own file counts where none is given, and is not told.
    const { inputs } = sharedAppSchema.parse((await visit('GET', (await makeLink()).path)).body);
    expect(inputs).toMatchObject({ required: ['topic'], properties: { tone: { default: 'calm' } } });
    expect(JSON.stringify(inputs)).not.toContain('example.com');
    expect(Object.keys(inputs['properties'] as object)).toEqual(['topic', 'tone', 'photo']);
    const started = await start(visit, path);
    expect(started.status).toBe(202);
    const run = sharedRunSchema.parse(started.body);
    for (const text of [shown.text, started.text, (await visit('GET', `${path}/runs/${run.id}`)).text]) {
      for (const hidden of ['secret-node', 'nodeExecutions', 'workflowId', workflow.slug, owner.email, owner.id]) {
        expect(text).not.toContain(hidden);
      }
    }
    const seen = (await owner.call('GET', `/api/runs/${run.id}`)).body;
    expect(seen).toMatchObject({ triggerType: 'LINK', inputs: { topic: 'tea', tone: 'wild' }, workflowVersion: 1 });
    const refused = await start(visit, path, { topic: 'tea', tone: 'mine' });
    expect([refused.status, refused.body.errors[0].path]).toEqual([422, 'inputs.tone']);
    expect((await start(visit, path, { topic: 'tea', loud: false })).body.errors[0].path).toBe('inputs.loud');
    for (const inputs of [{}, { topic: 3 }]) {
      const { status, text } = await start(visit, path, inputs);
      expect([status, text]).toEqual([422, expect.not.stringContaining('-node')]);
    }
    // What could not begin is not counted.
    expect((await visit('GET', path)).body.runsLeft).toBe(99);
  });

  test('shows each visitor their own runs alone, and follows them to the end', async () => {
    const { path } = await makeLink();
    const [ann, ben] = [visitor(), visitor()];
    const run = (await start(ann, path)).body.id;
    const others = (await start(ben, path)).body.id;
    const list = async (visit: Visit) =>
      sharedRunListSchema.parse((await visit('GET', `${path}/runs`)).body).items.map(({ id }) => id);
    expect([await list(ann), await list(ben)]).toEqual([[run], [others]]);
    for (const [method, rest] of [
      ['GET', ''],
      ['GET', '/events'],
      ['POST', '/cancel'],
    ] as const) {
      const answer = await ben(method, `${path}/runs/${run}${rest}`);
      expect([rest, answer.status, answer.body.code]).toEqual([rest, 404, 'RUN_NOT_FOUND']);
    }
    // A run of the workflow that nobody began by a link is there for no visitor either.
    const inside = (await owner.call('POST', `/api/w/${workflow.slug}/run`, { body: { inputs: { topic: 'a' } } })).body;
    expect((await ann('GET', `${path}/runs/${inside.id}`)).status).toBe(404);
    const following = ann('GET', `${path}/runs/${run}/events`);
    await player.finish(run);
    const text = (await following).text;
    expect(text).toContain('event: done');
    expect(text).not.toContain('secret-node');
    const done = await ann('GET', `${path}/runs/${run}`);
    expect(done.body).toMatchObject({ status: 'COMPLETED', outputs: { copy: 'from o', same: 'from p' } });
    expect(done.body.done).toBe(done.body.total);
    expect((await ben('POST', `${path}/runs/${others}/cancel`)).body.status).toBe('CANCELLED');
  });

  test('tells results and texts by their names as they come', async () => {
    const { path } = await makeLink();
    const ann = visitor();
    const run = (await start(ann, path)).body.id;
    const response = await fetch(`${server.url}${path}/runs/${run}/events`, { headers: ann.jar });
    const events: StreamedEvent[] = [];
    let isPlayed = false;
    for await (const event of readEvents(response)) {
      events.push(event);
      if (isPlayed) continue;
      isPlayed = true;
      await player.finish(run);
    }
    expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['run', 'progress', 'output', 'done']));
    expect(events.filter(({ event }) => event === 'output').map(({ data }) => data)).toEqual(
      expect.arrayContaining([{ name: 'copy', value: 'from o' }]),
    );
  });

  test('tells of a run that has failed neither the node nor what it said', async () => {
    const { path } = await makeLink();
    const ann = visitor();
    const run = (await start(ann, path)).body.id;
    const following = ann('GET', `${path}/runs/${run}/events`);
    await player.fail(run, 'The secret "db" of https://internal.example.com is missing. Set it.');
    await ann('POST', `${path}/runs/${run}/cancel`);
    const told = [await following, await ann('GET', `${path}/runs/${run}`)];
    for (const { text } of told) expect(text).toContain('A step of the app has failed.');
    const list = await ann('GET', `${path}/runs`);
    expect(list.body.items).toEqual([
      { id: run, status: expect.any(String), createdAt: expect.any(String), finishedAt: expect.any(String) },
    ]);
    for (const { text } of [...told, list]) {
      for (const hidden of ['-node', 'internal.example.com']) expect(text).not.toContain(hidden);
    }
  });

  test('is used up after its runs, also where several come at once; what it gave can be fetched for an hour', async () => {
    const link = await makeLink({ maxRuns: 2 });
    const { path } = link;
    const ann = visitor();
    await ann('GET', path);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => start(ann, path)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 202, 404, 404, 404]);
    const run = answers.find(({ status }) => status === 202)!.body.id;
    for (const visit of [ann, visitor()]) {
      const gone = await visit('GET', path);
      expect([gone.status, gone.body.code]).toEqual([404, 'LINK_NOT_FOUND']);
      expect((await visit('POST', `${path}/files`, upload(picture))).status).toBe(404);
    }
    expect((await ann('GET', `${path}/runs/${run}`)).status).toBe(200);
    await server.database.pool.query(`update app_links set last_run_at = now() - interval '61 minutes' where id = $1`, [
      link.id,
    ]);
    expect((await ann('GET', `${path}/runs/${run}`)).status).toBe(404);
    expect((await ann('GET', `${path}/runs`)).body.items).toEqual([]);
    const [shown] = (await owner.call('GET', `/api/workflows/${workflow.id}/links`)).body.items.slice(-1);
    expect(shown).toMatchObject({ state: 'used-up', runs: 2 });
  });

  test('counts a start that is repeated with its key once, and tells keys of visitors apart', async () => {
    const { path } = await makeLink();
    const [ann, ben] = [visitor(), visitor()];
    for (const visit of [ann, ben]) await visit('GET', path);
    const key = { 'idempotency-key': 'the-same' };
    const first = await start(ann, path, undefined, key);
    expect((await start(ann, path, undefined, key)).body.id).toBe(first.body.id);
    expect((await start(ben, path, undefined, key)).body.id).not.toBe(first.body.id);
    expect((await ann('GET', path)).body.runsLeft).toBe(98);
  });

  test.each([
    ['expired', (id: string) => `update app_links set expires_at = now() where id = '${id}'`],
    ['revoked', (id: string) => `delete from app_links where id = '${id}'`],
    ['off', (id: string) => `update app_links set enabled = false where id = '${id}'`],
  ])('shows nothing to anybody once it is %s', async (_how, statement) => {
    const { id, path } = await makeLink();
    const ann = visitor();
    const run = (await start(ann, path)).body.id;
    await player.finish(run);
    const file = (await ann('POST', `${path}/files`, upload(picture))).body;
    await server.database.pool.query(statement(id));
    const asked: readonly (readonly [string, string])[] = [
      ['GET', ''],
      ['POST', '/runs'],
      ['GET', '/runs'],
      ['GET', `/runs/${run}`],
      ['GET', `/runs/${run}/events`],
      ['POST', `/runs/${run}/cancel`],
      ['POST', '/files'],
      ['GET', `/files/${file.id}/content`],
      ['GET', `/files/${file.id}/thumbnail`],
    ];
    const none = (await ann('GET', `/api/shared/${'x'.repeat(43)}`)).body.detail;
    // There is no route below a link that is not asked.
    const routes = server.running.routes.filter((route) => route.path.startsWith('/api/shared'));
    expect(asked).toHaveLength(routes.length);
    for (const [method, rest] of asked) {
      const { status, body } = await ann(method, `${path}${rest}`, method === 'POST' ? { body: {} } : {});
      expect([rest, status, body.code, body.detail]).toEqual([rest, 404, 'LINK_NOT_FOUND', none]);
    }
  });

  test('is turned off with the right of its owner, and does not turn on by itself', async () => {
    const member = await server.addUser();
    const made = (await member.call('POST', '/api/workflows', { body: { name: 'm', data: graph } })).body;
    await member.call('POST', `/api/workflows/${made.id}/publish`);
    const link = (await member.call('POST', `/api/workflows/${made.id}/links`)).body;
    const path = new URL(link.url).pathname.replace('/share/', '/api/shared/');
    const boss = await server.signIn(await server.addUser('owner'));
    expect((await boss.call('PUT', `/api/members/${member.id}`, { body: { role: 'viewer' } })).status).toBe(204);
    expect((await visitor()('GET', path)).status).toBe(404);
    await boss.call('PUT', `/api/members/${member.id}`, { body: { role: 'member' } });
    expect((await visitor()('GET', path)).status).toBe(404);
    const [listed] = (await member.call('GET', `/api/workflows/${made.id}/links`)).body.items;
    expect(listed).toMatchObject({ state: 'off', pausedReason: expect.stringContaining('may no longer run') });
    expect((await member.call('PATCH', `/api/links/${link.id}`, { body: { enabled: true } })).status).toBe(200);
    expect((await visitor()('GET', path)).status).toBe(200);
  });
});

describe('files of a visitor', () => {
  test('are theirs: read by them alone, and named in their runs alone', async () => {
    const { path } = await makeLink();
    const [ann, ben] = [visitor(), visitor('192.0.2.2')];
    const file = (await ann('POST', `${path}/files`, upload(picture, 'ann.png'))).body;
    const foreign = (await owner.call('POST', '/api/assets', upload(picture, 'of-the-owner.png'))).body;
    const read = async (visit: Visit, id: string) => (await visit('GET', `${path}/files/${id}/content`)).status;
    expect([await read(ann, file.id), await read(ben, file.id), await read(ann, foreign.id)]).toEqual([200, 404, 404]);
    expect((await ann('GET', `${path}/files/${file.id}/thumbnail?width=160`)).status).toBe(200);
    const started = await start(ann, path, { topic: 'tea', photo: file.url });
    expect(started.status).toBe(202);
    // What came of it is named after it.
    const reference = { ...file, assetId: file.id };
    const outputsOf = (nodeId: string) => ({ output: ['photo-node', 'p'].includes(nodeId) ? reference : 'tea' });
    while (await player.step(started.body.id, outputsOf)) continue;
    const done = (await ann('GET', `${path}/runs/${started.body.id}`)).body;
    expect([done.status, done.sources]).toEqual(['COMPLETED', { same: 'ann' }]);
    // A file of the owner that the link gives is not named.
    const fixed = await makeLink({ fixed: { photo: foreign.url } });
    const other = await start(ann, fixed.path);
    const fixedOutputs = (nodeId: string) => ({
      output: ['photo-node', 'p'].includes(nodeId) ? { ...foreign, assetId: foreign.id } : 'tea',
    });
    while (await player.step(other.body.id, fixedOutputs)) continue;
    const ended = await ann('GET', `${fixed.path}/runs/${other.body.id}`);
    expect([ended.body.status, ended.body.sources]).toEqual(['COMPLETED', {}]);
    const refused = await start(ben, path, { topic: `about ${foreign.id}`, photo: file.url });
    expect([refused.status, refused.body.errors.map((error: { path: string }) => error.path).toSorted()]).toEqual([
      422,
      ['inputs.photo', 'inputs.topic'],
    ]);
  });

  test('leave room for those of the workspace', async () => {
    const { path } = await makeLink();
    const quota = { bytes: 10 * 1_073_741_824, share: 3 / 4 };
    const use = (bytes: number) =>
      server.database.pool.query(
        'update assets set bytes = $1 where id = (select id from assets where user_id = $2 limit 1)',
        [bytes, owner.id],
      );
    await owner.call('POST', '/api/assets', upload(picture, 'first.png'));
    await use(quota.bytes * quota.share);
    const another = new Uint8Array(await readFile(await makePicture('jpeg')));
    const refused = await visitor()('POST', `${path}/files`, upload(another, 'b.jpg'));
    const taken = await owner.call('POST', '/api/assets', upload(another, 'b.jpg'));
    await use(picture.byteLength);
    expect([refused.status, refused.body.code, taken.status]).toEqual([507, 'STORAGE_FULL', 201]);
  });

  test('and those of their results can be fetched once they are shown', async () => {
    const { path } = await makeLink();
    const [ann, ben] = [visitor(), visitor()];
    const asset = (await owner.call('POST', '/api/assets', upload(picture, 'a-result.png'))).body;
    const run = (await start(ann, path)).body.id;
    const { id: assetId, url, mimeType, bytes, sha256 } = asset;
    while (await player.step(run, () => ({ output: { assetId, url, mimeType, bytes, sha256 } })));
    const read = async (visit: Visit) => (await visit('GET', `${path}/files/${assetId}/content`)).status;
    expect(await read(ann)).toBe(404);
    expect((await ann('GET', `${path}/runs/${run}`)).body.outputs.copy).toMatchObject({ assetId });
    expect([await read(ann), await read(ben)]).toEqual([200, 404]);
  });
});

test('one address starts so many runs by a link, and then waits; another one goes on', async () => {
  const { path } = await makeLink({ maxRuns: null });
  const ann = visitor('198.51.100.7');
  await ann('GET', path);
  const answers: number[] = [];
  while (answers.at(-1) !== 429 && answers.length < 400) answers.push((await start(ann, path, { topic: 3 })).status);
  // Thirty at once, and what has come back meanwhile.
  expect(answers.length).toBeGreaterThan(30);
  expect([new Set(answers.slice(0, -1)), answers.at(-1)]).toEqual([new Set([422]), 429]);
  expect((await start(visitor('198.51.100.8'), path)).status).toBe(202);
});

test('of changes of a link that cross, each changes what it names alone: one that is turned off stays off', async () => {
  const { id } = await makeLink();
  const change = (body: object) => owner.call('PATCH', `/api/links/${id}`, { body });
  const names = Array.from({ length: 6 }, (_, at) => ({ name: `Name ${at}` }));
  const bodies = [...names, { enabled: false }, ...names, { maxRuns: 7 }, { expiresAt: null }];
  const answers = await Promise.all(bodies.map(change));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const listed = await owner.call('GET', `/api/workflows/${workflow.id}/links`);
  const link = appLinkListSchema.parse(listed.body).items.find((one) => one.id === id);
  expect(link).toMatchObject({ enabled: false, maxRuns: 7, expiresAt: null, name: expect.stringMatching(/^Name/) });
  expect((await change({ name: null, inputs: null, enabled: true })).body).toMatchObject({
    ...{ name: null, inputs: null, enabled: true, maxRuns: 7, state: 'open' },
  });
});
