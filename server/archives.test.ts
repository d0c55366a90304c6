import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { makeZip } from 'client-zip';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { assetUrl, type Asset } from '../core/api/assets.ts';
import { archiveManifestSchema, importedWorkflowSchema, maxArchiveEntries } from '../core/api/workflow-archive.ts';
import { canonicalJson } from '../core/graph/canonical-json.ts';
import type { Graph } from '../core/graph/graph.ts';
import { craftZip } from '../testing/craft-zip.ts';
import { nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { upload } from '../testing/things.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { openArchive } from './routes/archives/read-archive.ts';

let server: TestServer;
let owner: TestUser;
let folder: string;
let pictures: Buffer<ArrayBuffer>[];

beforeAll(async () => {
  server = await startTestServer({ STORAGE_MAX_FILES: '4' });
  owner = await server.addUser();
  folder = await mkdtemp(path.join(tmpdir(), 'heddle-archives-'));
  const sizes = [80, 81, 82];
  pictures = await Promise.all(
    sizes.map(async (width) => Buffer.from(await readFile(await makePicture('png', width)))),
  );
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const hashOf = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
const addFile = async (user: TestUser, content: Buffer<ArrayBuffer>, name = 'cat.png'): Promise<Asset> =>
  (await user.call('POST', '/api/assets', upload(content, name))).body;
const showing = (...files: string[]): Graph => ({
  nodes: [
    nodeOf('topic', 'text', { text: 'tea', input: { name: 'topic', help: 'What it is about.' } }),
    ...files.map((id, index) =>
      nodeOf(`p${index}`, 'image', { file: { url: assetUrl(id), name: 'cat.png', type: 'image/png' } }),
    ),
  ],
  edges: [],
});
const add = async (user: TestUser, data: object, name = 'Tea pictures'): Promise<number> =>
  (await user.call('POST', '/api/workflows', { body: { name, data, draft: true } })).body.id;
const exported = async (user: TestUser, id: number, query: string): Promise<Buffer<ArrayBuffer>> => {
  const answer = await fetch(`${server.url}/api/workflows/${id}/export?${query}`, {
    headers: { authorization: `Bearer ${user.key}` },
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
  return Buffer.from(await answer.arrayBuffer());
};
const send = (user: TestUser, content: Buffer<ArrayBuffer>, query = '', name = 'w.zip') =>
  user.call('POST', `/api/workflows/import${query}`, upload(content, name));
const importInto = async (user: TestUser, content: Buffer<ArrayBuffer>, query = '') => {
  const { status, body } = await send(user, content, query);
  expect({ status, problem: body.detail }).toEqual({ status: 201, problem: undefined });
  return importedWorkflowSchema.parse(body);
};
/** What a user has: workflows and files. */
const had = async (user: TestUser) => {
  const [workflows, files] = await Promise.all(['workflows', 'assets'].map((what) => user.call('GET', `/api/${what}`)));
  return { workflows: workflows!.body.items.length, files: files!.body.items.length };
};
const bytesOf = async (user: TestUser, url: string) => {
  const answer = await fetch(server.url + url, { headers: { authorization: `Bearer ${user.key}` } });
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
};
const fileIn = (graph: Graph, node = 'p0'): string =>
  (graph.nodes.find(({ id }) => id === node)!.data['file'] as { url: string }).url;

type Entries = Record<string, string | Buffer<ArrayBuffer>>;
const zipOf = async (entries: Entries) =>
  Buffer.from(
    await buffer(
      makeZip(Object.entries(entries).map(([name, input]) => ({ name, input }))) as unknown as AsyncIterable<Buffer>,
    ),
  );
const workflowJson = (graph: object = smallGraph()) =>
  JSON.stringify({ heddle: 'workflow', format: 1, name: 'w', ...graph });
const versionJson = (version: number, data: object = smallGraph(), other: object = {}) =>
  JSON.stringify({
    ...{
      heddle: 'workflow-version',
      format: 1,
      version,
      note: '',
      publishedAt: '2026-01-02T03:04:05.678Z',
      live: false,
    },
    ...{ hash: hashOf(canonicalJson(data)), data, ...other },
  });
const mediaOf = (
  content: Buffer,
  assetId = '01900000-0000-7000-8000-000000000001',
  name = 'cat.png',
  ending = 'png',
) => ({
  ...{ assetId, file: `media/${hashOf(content)}.${ending}`, sha256: hashOf(content), name },
  ...{ mimeType: 'image/png', bytes: content.length },
});
const manifestJson = (versions: number[], media: object[] = []) =>
  JSON.stringify({ heddle: 'workflow-archive', format: 1, versions, media });

describe('a workflow with its versions and files', () => {
  let archive: Buffer<ArrayBuffer>;
  let draft: Graph;

  beforeAll(async () => {
    const [first, second] = [await addFile(owner, pictures[0]!), await addFile(owner, pictures[1]!, 'dog.png')];
    const id = await add(owner, showing(first.id));
    const publish = (note: string) => owner.call('POST', `/api/workflows/${id}/publish`, { body: { note } });
    await publish(`the first, with sk-${'x'.repeat(30)}`);
    draft = { ...showing(second.id, first.id), settings: { runTimeoutMs: 60_000 } };
    await owner.call('PUT', `/api/workflows/${id}`, { body: { data: draft } });
    await publish('the second');
    await owner.call('PUT', `/api/workflows/${id}/live`, { body: { version: 1 } });
    archive = await exported(owner, id, 'versions=1&media=1');
  });

  test('is one archive, with the bytes of each file once and no keys', async () => {
    const file = path.join(folder, 'exported.zip');
    await writeFile(file, archive);
    const opened = await openArchive(file);
    const manifest = await opened.json('manifest.json', archiveManifestSchema);
    expect(manifest.versions).toEqual([1, 2]);
    expect(manifest.media.map(({ name, sha256 }) => [name, sha256]).toSorted()).toEqual([
      ['cat.png', hashOf(pictures[0]!)],
      ['dog.png', hashOf(pictures[1]!)],
    ]);
    for (const { file: entry, sha256 } of manifest.media)
      expect(hashOf(await buffer(await opened.stream(entry)))).toBe(sha256);
    expect(await opened.json('workflow.json', z.unknown())).toMatchObject({
      ...draft,
      heddle: 'workflow',
      format: 1,
      name: 'Tea pictures',
    });
    expect(await opened.json('versions/1.json', z.unknown())).toMatchObject({
      note: 'the first, with [secret]',
      live: true,
    });
    opened.close();
    expect(archive.includes(owner.email)).toBe(false);
  });

  test('becomes a workflow of whoever imports it, with files, inputs by name and versions that are not live', async () => {
    const user = await server.addUser();
    const { id, data, imported, ...workflow } = await importInto(user, archive);
    expect(imported).toEqual({ versions: [1, 2], files: 2, missingFiles: [] });
    expect(workflow).toMatchObject({ name: 'Tea pictures', slug: null, liveVersion: null, workspaceId: user.id });
    expect(data.settings).toEqual({ runTimeoutMs: 60_000 });
    expect(fileIn(data)).not.toBe(fileIn(draft));
    expect(await bytesOf(user, fileIn(data))).toEqual({ status: 200, bytes: pictures[1] });
    expect((await user.call('GET', `/api/workflows/${id}/interface`)).body.inputs.properties.topic).toMatchObject({
      description: 'What it is about.',
    });
    const { items } = (await user.call('GET', `/api/workflows/${id}/versions`)).body;
    expect(items).toMatchObject([
      { version: 2, note: 'the second', live: false, publishedBy: null, draftVersion: workflow.version },
      { version: 1, note: 'the first, with [secret]', live: false, publishedBy: null },
    ]);
    expect(items[1].draftVersion).not.toBe(workflow.version);
    const first = (await user.call('GET', `/api/workflows/${id}/versions/1`)).body;
    expect((await bytesOf(user, fileIn(first.data))).bytes).toEqual(pictures[0]);
    const second = (await user.call('GET', `/api/workflows/${id}/versions/2`)).body;
    expect([first, second].map((version) => version.data.settings)).toEqual([undefined, { runTimeoutMs: 60_000 }]);

    expect((await user.call('PUT', `/api/workflows/${id}/live`, { body: { version: 1 } })).status).toBe(200);
    const { slug, liveVersion } = (await user.call('GET', `/api/workflows/${id}`)).body;
    expect(liveVersion).toBe(1);
    expect((await user.call('POST', `/api/w/${slug}/run`, { body: { inputs: { topic: 'rice' } } })).status).toBe(202);
    expect((await user.call('POST', `/api/workflows/${id}/publish`)).body.version).toBe(3);
    // Imported again it is another one, over the same files.
    expect((await importInto(user, archive, '?live=1')).liveVersion).toBe(1);
    expect(await had(user)).toEqual({ workflows: 2, files: 2 });
  });

  test('is exported by viewers and imported by editors of a workspace', async () => {
    const [viewer, editor] = [await server.addUser(), await server.addUser()];
    const team = await server.addWorkspace(owner, [
      [viewer, 'viewer'],
      [editor, 'editor'],
    ]);
    const there = `?workspaceId=${team}`;
    const refused = await send(viewer, archive, there);
    expect([refused.status, refused.body.code]).toEqual([403, 'ROLE_MISSING']);
    const { id, workspaceId } = await importInto(editor, archive, there);
    expect(workspaceId).toBe(team);
    const again = await exported(viewer, id, 'versions=1&media=1');
    expect(again.includes(pictures[0]!)).toBe(true);
    const stranger = await server.addUser();
    expect((await stranger.call('GET', `/api/workflows/${id}/export?versions=1`)).status).toBe(404);
  });

  test('without its files says which are missing; JSON alone is taken too', async () => {
    const user = await server.addUser();
    const id = await add(owner, draft);
    const { imported } = await importInto(user, await exported(owner, id, 'versions=1'));
    expect(imported).toMatchObject({ versions: [], files: 0 });
    expect(imported.missingFiles).toHaveLength(2);
    // In the same workspace they are where they were.
    expect((await importInto(owner, await exported(owner, id, 'versions=1'))).imported.missingFiles).toEqual([]);
    for (const file of [workflowJson(), JSON.stringify(smallGraph()), JSON.stringify({ data: smallGraph() })]) {
      const { status, body } = await send(user, Buffer.from(file), '', 'Rice.json');
      expect([status, body.data]).toEqual([201, smallGraph()]);
    }
    expect(
      (await user.call('GET', '/api/workflows?sort=name')).body.items.map(({ name }: { name: string }) => name),
    ).toEqual(['Rice', 'Rice', 'Tea pictures', 'w']);
  });

  test('with more files than there is room for is not imported at all', async () => {
    const user = await server.addUser();
    for (const [index, picture] of pictures.entries()) await addFile(user, picture, `own ${index}.png`);
    const { status, body } = await send(user, archive);
    expect([status, body.code]).toEqual([507, 'STORAGE_FULL']);
    expect(body.detail).toMatch(/^media\/[0-9a-f]{64}\.png \("(?:cat|dog)\.png"\): /);
    expect(await had(user)).toEqual({ workflows: 0, files: 3 });
  });
});

describe('attack 27: an archive', () => {
  test('that names files of others gets none of them', async () => {
    const secret = await addFile(owner, pictures[0]!);
    const thief = await server.addUser();
    const plain = await importInto(thief, await zipOf({ 'workflow.json': workflowJson(showing(secret.id)) }));
    expect(plain.imported.missingFiles).toEqual([secret.id]);
    expect((await bytesOf(thief, fileIn(plain.data))).status).toBe(404);
    const taken = await exported(thief, plain.id, 'media=1');
    expect(taken.includes(pictures[0]!)).toBe(false);
    // One that says whose it is brings its own bytes, and nothing of the other changes.
    const media = mediaOf(pictures[2]!, secret.id);
    const told = await importInto(
      thief,
      await zipOf({
        'workflow.json': workflowJson(showing(secret.id)),
        'manifest.json': manifestJson([], [media]),
        [media.file]: pictures[2]!,
      }),
    );
    expect(await bytesOf(thief, fileIn(told.data))).toEqual({ status: 200, bytes: pictures[2] });
    expect(await bytesOf(owner, secret.url)).toEqual({ status: 200, bytes: pictures[0] });
  });

  test('with names that lead out of it writes nothing anywhere', async () => {
    const outside = path.join(folder, 'outside');
    const user = await server.addUser();
    const names = [
      '../../outside',
      outside,
      'media/../../outside',
      'C:/outside',
      'versions/../1.json',
      '__MACOSX/._workflow.json',
    ];
    const strange = craftZip([
      ...names.map((name) => ({ name, content: Buffer.from('out') })),
      { name: 'workflow.json', content: Buffer.from(workflowJson()) },
    ]);
    const answer = await send(user, strange);
    // Absolute and climbing names are what the reader refuses by itself.
    expect([answer.status, answer.body.code]).toEqual([400, 'UPLOAD_INVALID']);
    expect(await had(user)).toEqual({ workflows: 0, files: 0 });
    await expect(readFile(outside)).rejects.toThrow('ENOENT');
    const harmless = craftZip([
      { name: '__MACOSX/._workflow.json', content: Buffer.from('x') },
      { name: 'workflow.json', content: Buffer.from(workflowJson()) },
    ]);
    await importInto(user, harmless);
  });

  const picture = () => mediaOf(pictures[0]!);
  const page = Buffer.from('<!doctype html><script>alert(1)</script>');
  const draftEntry = { name: 'workflow.json', content: Buffer.from(workflowJson()) };
  test.each<[what: string, make: () => Buffer | Promise<Buffer>, status: number, code: string, detail: RegExp]>([
    ['that is no archive', () => Buffer.from('hello'), 400, 'BAD_JSON', /^The file: /],
    [
      'that is cut off',
      async () => (await zipOf({ 'workflow.json': workflowJson() })).subarray(0, 60),
      400,
      'UPLOAD_INVALID',
      /damaged/,
    ],
    ['without a workflow', () => zipOf({ 'a.txt': 'x' }), 400, 'UPLOAD_INVALID', /^workflow\.json is missing/],
    [
      'with too many entries',
      () =>
        craftZip(
          Array.from({ length: maxArchiveEntries + 1 }, (_, index) => ({ name: `${index}`, content: Buffer.alloc(0) })),
        ),
      400,
      'UPLOAD_INVALID',
      /has 10001 entries; at most 10000/,
    ],
    [
      'with an entry twice',
      () => craftZip([draftEntry, draftEntry]),
      400,
      'UPLOAD_INVALID',
      /^workflow\.json is in the archive twice/,
    ],
    [
      'with an entry larger than it says',
      () => craftZip([{ ...draftEntry, told: 10 }]),
      400,
      'UPLOAD_INVALID',
      /^workflow\.json is damaged: too many bytes/,
    ],
    [
      'with a text that unpacks to far more than it is',
      () => craftZip([{ name: 'workflow.json', content: Buffer.alloc(20_000_000, ' ') }]),
      400,
      'UPLOAD_INVALID',
      /^workflow\.json has more than 8388608 bytes/,
    ],
    [
      'with a wrong checksum',
      () => craftZip([{ ...draftEntry, checksum: 7 }]),
      400,
      'UPLOAD_INVALID',
      /^workflow\.json is damaged: its checksum/,
    ],
    ['that is encrypted', () => craftZip([{ ...draftEntry, flags: 1 }]), 400, 'UPLOAD_INVALID', /encrypted/],
    [
      'with U+0000',
      () => zipOf({ 'workflow.json': '{"nodes":[],"edges":[],"name":"a\\u0000"}' }),
      422,
      'INVALID_TEXT',
      /^workflow\.json: /,
    ],
    [
      'with a forbidden key',
      () => zipOf({ 'workflow.json': '{"nodes":[],"edges":[],"__proto__":{}}' }),
      400,
      'FORBIDDEN_KEY',
      /^workflow\.json: /,
    ],
    [
      'of a later Heddle',
      () => zipOf({ 'workflow.json': workflowJson(), 'manifest.json': '{"heddle":"workflow-archive","format":2}' }),
      400,
      'UPLOAD_INVALID',
      /^manifest\.json: This file has format 2; this Heddle reads 1\. Update/,
    ],
    [
      'without a version that its manifest has',
      () => zipOf({ 'workflow.json': workflowJson(), 'manifest.json': manifestJson([3]) }),
      400,
      'UPLOAD_INVALID',
      /^versions\/3\.json is missing/,
    ],
    [
      'with a version that was changed',
      () =>
        zipOf({
          'workflow.json': workflowJson(),
          'manifest.json': manifestJson([1]),
          'versions/1.json': versionJson(1, smallGraph(), { data: smallGraph('other') }),
        }),
      400,
      'UPLOAD_INVALID',
      /^versions\/1\.json was changed/,
    ],
    [
      'with more versions than anybody has room for',
      () =>
        craftZip([
          draftEntry,
          { name: 'manifest.json', content: Buffer.from(manifestJson([1])) },
          { name: 'versions/1.json', content: Buffer.from(versionJson(1)), told: 4_000_000_000 },
        ]),
      507,
      'DATA_QUOTA_FULL',
      /./,
    ],
    [
      'with a key in a version',
      () =>
        zipOf({
          'workflow.json': workflowJson(),
          'manifest.json': manifestJson([1]),
          'versions/1.json': versionJson(1, smallGraph(`sk-${'y'.repeat(40)}`)),
        }),
      422,
      'SECRET_IN_GRAPH',
      /^versions\/1\.json: /,
    ],
    [
      'with a file of other bytes than it says, after one that is right',
      () =>
        zipOf({
          'workflow.json': workflowJson(),
          'manifest.json': manifestJson(
            [],
            [picture(), { ...picture(), file: `media/${'0'.repeat(64)}.png`, sha256: '0'.repeat(64) }],
          ),
          [picture().file]: pictures[0]!,
          [`media/${'0'.repeat(64)}.png`]: pictures[0]!,
        }),
      400,
      'UPLOAD_INVALID',
      /^media\/0{64}\.png has other bytes/,
    ],
    [
      'with a page in the place of a picture, after a picture',
      () => {
        const file = mediaOf(page, '01900000-0000-7000-8000-000000000002', 'cat2.png');
        return zipOf({
          'workflow.json': workflowJson(),
          'manifest.json': manifestJson([], [picture(), file]),
          [picture().file]: pictures[0]!,
          [file.file]: page,
        });
      },
      415,
      'UNSUPPORTED_MEDIA',
      /^media\/[0-9a-f]{64}\.png \("cat2\.png"\): /,
    ],
  ])('%s is refused, and nothing of it stays', async (_what, make, status, code, detail) => {
    const user = await server.addUser();
    const { body } = await send(user, Buffer.from(await make()));
    expect({ status: body.status, code: body.code, detail: body.detail }).toEqual({
      status,
      code,
      detail: expect.stringMatching(detail),
    });
    expect(await had(user)).toEqual({ workflows: 0, files: 0 });
  });

  test('whose files break off in the middle leaves nothing, and "live" without versions is refused', async () => {
    const user = await server.addUser();
    const file = picture();
    const entries = [
      draftEntry,
      { name: 'manifest.json', content: Buffer.from(manifestJson([], [file])) },
      { name: file.file, content: pictures[0]!, checksum: 7 },
    ];
    const broken = await send(user, craftZip(entries));
    expect([broken.status, broken.body.detail]).toEqual([400, expect.stringContaining('its checksum is wrong')]);
    const none = await send(user, await zipOf({ 'workflow.json': workflowJson() }), '?live=1');
    expect([none.status, none.body.code]).toEqual([400, 'UPLOAD_INVALID']);
    expect(await had(user)).toEqual({ workflows: 0, files: 0 });
  });
});

test('nothing that was taken in for a moment is left on the disk', async () => {
  expect(await readdir(path.join(server.dataDir, 'work'))).toEqual([]);
});
