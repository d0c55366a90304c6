import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { assetSchema } from '../core/api/assets.ts';
import { pageOf } from '../core/api/common.ts';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
let picture: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
  picture = new Uint8Array(await readFile(await makePicture('png', 80, 60)));
});
afterAll(() => server.stop());

function upload(bytes: Uint8Array<ArrayBuffer>, name: string, headers: Record<string, string> = {}, field = 'file') {
  const form = new FormData();
  form.set(field, new Blob([bytes]), name);
  return user.call('POST', '/api/assets', { raw: form, headers });
}
async function bytesOf(address: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${address}`, {
    headers: { authorization: `Bearer ${user.key}`, ...headers },
  });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

describe('an upload', () => {
  test('gives an asset that describes the content, whatever the name says', async () => {
    const answer = await upload(picture, 'photo of the sea.jpg');
    expect(answer.status).toBe(201);
    const asset = assetSchema.parse(answer.body);
    expect(asset).toMatchObject({
      name: 'photo of the sea.jpg',
      mimeType: 'image/png',
      bytes: picture.length,
      width: 80,
      height: 60,
      sha256: createHash('sha256').update(picture).digest('hex'),
      url: `/api/assets/${asset.id}/content`,
    });
    expect((await bytesOf(asset.url)).bytes.equals(picture)).toBe(true);
    expect((await user.call('GET', `/api/assets/${asset.id}`)).body).toEqual(asset);
  });

  test('of the same file under the same name gives the same asset', async () => {
    const [first, second, renamed] = [
      await upload(picture, 'same.png'),
      await upload(picture, 'same.png'),
      await upload(picture, 'renamed.png'),
    ];
    expect(second.body.id).toBe(first.body.id);
    expect(renamed.body.id).not.toBe(first.body.id);
  });

  test.each(['Grüße 😀.png', '../../etc/passwd', '..\\..\\boot.ini', 'a"b\'c;d%.png', 'CON', 'x'.repeat(5_000)])(
    'attack 9: called %p is kept as display text only',
    async (name) => {
      const { status, body } = await upload(picture, name);
      expect(status).toBe(201);
      expect(body.name).not.toMatch(/[/\\]/);
      expect(body.name.length).toBeLessThanOrEqual(255);
      const served = await bytesOf(`${body.url}?download=1`);
      const encoded = /filename\*=UTF-8''(\S+)$/.exec(served.headers.get('content-disposition') ?? '')?.[1] ?? '';
      expect(decodeURIComponent(encoded)).toBe(body.name);
    },
  );

  test.each([
    ['nothing', new Uint8Array(), 422, 'FILE_EMPTY'],
    ['HTML', new TextEncoder().encode('<!doctype html><script>alert(1)</script>'), 415, 'UNSUPPORTED_MEDIA'],
    [
      'SVG',
      new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
      415,
      'UNSUPPORTED_MEDIA',
    ],
  ])('attack 7: of %s is refused and leaves no file', async (_what, bytes, status, code) => {
    const answer = await upload(bytes as Uint8Array<ArrayBuffer>, 'x.png');
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(await readdir(path.join(server.dataDir, 'work'))).toEqual([]);
  });

  test('attack 8: with half a picture is refused', async () => {
    const answer = await upload(picture.slice(0, picture.length / 2), 'half.png');
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 422, code: 'IMAGE_UNREADABLE' });
  });

  test.each([
    [
      'JSON posing as a form',
      { raw: '{"file":"x"}', headers: { 'content-type': 'application/json' } },
      415,
      'CONTENT_TYPE_UNSUPPORTED',
    ],
    [
      'a form without boundary',
      { raw: 'x', headers: { 'content-type': 'multipart/form-data' } },
      400,
      'UPLOAD_INVALID',
    ],
    [
      'an empty form',
      { raw: '--b--\r\n', headers: { 'content-type': 'multipart/form-data; boundary=b' } },
      400,
      'UPLOAD_INVALID',
    ],
    [
      'a form that ends in the middle of the file',
      {
        raw: '--b\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\nabc',
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
      },
      400,
      'UPLOAD_INVALID',
    ],
  ])('attack 10: as %s is refused', async (_what, options, status, code) => {
    const answer = await user.call('POST', '/api/assets', options);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  });

  test('in a field of another name, or of two files, is refused', async () => {
    expect((await upload(picture, 'x.png', {}, 'picture')).body.code).toBe('UPLOAD_INVALID');
    const form = new FormData();
    form.append('file', new Blob([picture]), '1.png');
    form.append('file', new Blob([picture]), '2.png');
    expect((await user.call('POST', '/api/assets', { raw: form })).body.code).toBe('UPLOAD_INVALID');
  });

  test('that the client gives up leaves no file and harms nobody', async () => {
    const { hostname, port } = new URL(server.url);
    const request = http.request({
      hostname,
      port,
      method: 'POST',
      path: '/api/assets',
      headers: {
        authorization: `Bearer ${user.key}`,
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': 1_000_000,
      },
    });
    request.on('error', () => {});
    request.write('--b\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\n');
    request.write(Buffer.alloc(100_000, 1));
    await eventually(async () => (await readdir(path.join(server.dataDir, 'work'))).length === 1);
    request.destroy();
    await eventually(async () => (await readdir(path.join(server.dataDir, 'work'))).length === 0);
    expect((await upload(picture, 'after.png')).status).toBe(201);
  });

  test('repeated with an Idempotency-Key gives the same answer', async () => {
    const headers = { 'idempotency-key': 'upload-1' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => upload(picture, 'once.png', headers)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(201);
  });
});

describe('security case 13: an Idempotency-Key', () => {
  test('with another file of the same length, or another name, is refused and keeps nothing of it', async () => {
    const paint = async (red: number) =>
      new Uint8Array(
        await sharp(Buffer.alloc(64 * 64 * 3, red), { raw: { width: 64, height: 64, channels: 3 } })
          .png({ compressionLevel: 0 })
          .toBuffer(),
      );
    const [red, blue] = [await paint(200), await paint(20)];
    expect(blue.length).toBe(red.length);
    const headers = { 'idempotency-key': 'one-job' };
    const first = await upload(red, 'a.png', headers);
    for (const [bytes, name] of [
      [blue, 'a.png'],
      [red, 'b.png'],
    ] as const) {
      const answer = await upload(bytes, name, headers);
      expect({ status: answer.status, code: answer.body.code }).toEqual({
        status: 422,
        code: 'IDEMPOTENCY_KEY_REUSED',
      });
    }
    expect((await upload(red, 'a.png', headers)).body).toEqual(first.body);
    const { items } = (await user.call('GET', '/api/assets?limit=100')).body;
    const sha256 = createHash('sha256').update(blue).digest('hex');
    expect(items.filter((item: { sha256: string }) => item.sha256 === sha256)).toEqual([]);
    expect(await readdir(path.join(server.dataDir, 'work'))).toEqual([]);
  });
});

describe('security case 5: deleting a file', () => {
  const graphOf = (url: string) => ({
    nodes: [
      {
        id: 'picture',
        type: 'image',
        position: { x: 0, y: 0 },
        data: { file: { url, name: 'x.png', type: 'image/png' } },
      },
    ],
    edges: [],
  });

  const cropOf = (url: string) => ({
    nodes: [
      ...graphOf(url).nodes,
      {
        id: 'crop',
        type: 'cropImage',
        position: { x: 0, y: 0 },
        data: { x_percent: 0, y_percent: 0, width_percent: 50, height_percent: 50 },
      },
    ],
    edges: [{ id: 'e', source: 'picture', target: 'crop', sourceHandle: 'output', targetHandle: 'image_url' }],
  });

  async function freshPicture(name: string): Promise<{ id: string; url: string; sha256: string }> {
    const bytes = await sharp({ create: { width: 30 + name.length, height: 17, channels: 3, background: 'navy' } })
      .png()
      .toBuffer();
    return (await upload(new Uint8Array(bytes), name)).body;
  }
  const blobOf = (sha256: string) =>
    path.join(server.dataDir, 'assets', 'content', sha256.slice(0, 2), sha256.slice(2, 4), sha256);

  test('removes it with its content and previews at once, and is noted in the audit log', async () => {
    const asset = await freshPicture('to-delete.png');
    const owner = await server.addUser('owner');
    expect((await bytesOf(`${asset.url.replace('/content', '/thumbnail')}?width=160`)).status).toBe(200);
    expect((await owner.call('DELETE', `/api/assets/${asset.id}`)).status).toBe(404);
    expect((await user.call('DELETE', `/api/assets/${asset.id}`)).status).toBe(204);
    for (const address of [`/api/assets/${asset.id}`, asset.url, `${asset.url.replace('/content', '/thumbnail')}`]) {
      expect((await user.call('GET', address)).status).toBe(404);
    }
    expect(existsSync(blobOf(asset.sha256))).toBe(false);
    expect(existsSync(path.join(blobOf(asset.sha256).replace('content', 'derived'), 'w160-2.webp'))).toBe(false);
    expect((await user.call('DELETE', `/api/assets/${asset.id}`)).status).toBe(404);
    const { items } = (await owner.call('GET', '/api/admin/audit?limit=100')).body;
    const lines = items.filter((line: { action: string }) => line.action === 'asset.delete');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ subject: { type: 'asset', id: asset.id, name: 'to-delete.png' } });
  });

  test('tells of the workflows that use it, and goes on where that is wanted', async () => {
    const asset = await freshPicture('in-a-graph.png');
    const created = await user.call('POST', '/api/workflows', { body: { name: 'Uses it', data: graphOf(asset.url) } });
    expect(created.status).toBe(201);
    const uses = { workflows: [{ id: created.body.id, name: 'Uses it' }], runs: [] };
    expect((await user.call('GET', `/api/assets/${asset.id}/uses`)).body).toEqual(uses);
    const listed = (await user.call('GET', '/api/assets?uses=1&limit=100')).body.items;
    expect(listed.find(({ id }: { id: string }) => id === asset.id).usedBy).toEqual(uses.workflows);
    const refused = await user.call('DELETE', `/api/assets/${asset.id}`);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'ASSET_IN_USE', details: uses });
    expect((await user.call('GET', asset.url)).status).toBe(200);
    expect((await user.call('DELETE', `/api/assets/${asset.id}?force=1`)).status).toBe(204);
    expect((await user.call('GET', asset.url)).status).toBe(404);
  });

  test('waits for the runs under way that use it, whatever is wanted', async () => {
    const asset = await freshPicture('in-a-run.png');
    const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'Runs', data: cropOf(asset.url) } }))
      .body;
    // No worker is there for the crop, so it stays under way.
    const { id: runId } = (await user.call('POST', `/api/workflows/${id}/run`, { body: {} })).body;
    await user.call('PUT', `/api/workflows/${id}`, { body: { data: graphOf('https://example.com/x.png') } });
    const refused = await user.call('DELETE', `/api/assets/${asset.id}?force=1`);
    expect({ status: refused.status, body: refused.body }).toMatchObject({
      status: 409,
      body: { code: 'ASSET_IN_USE', details: { workflows: [], runs: [{ id: runId, workflowId: id }] } },
    });
    expect((await user.call('POST', `/api/runs/${runId}/cancel`)).status).toBe(202);
    await eventually(async () => (await user.call('DELETE', `/api/assets/${asset.id}`)).status === 204);
  });
});

test('the list of assets goes by size where that is asked for, over its pages', async () => {
  const mine = await server.addUser();
  for (const side of [40, 10, 80, 20]) {
    const form = new FormData();
    const bytes = await sharp({ create: { width: side, height: side, channels: 3, background: 'red' } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    form.set('file', new Blob([new Uint8Array(bytes)]), `${side}.png`);
    await mine.call('POST', '/api/assets', { raw: form });
  }
  const names: string[] = [];
  for (let cursor = ''; ;) {
    const { items, nextCursor } = (await mine.call('GET', `/api/assets?sort=bytes&limit=3${cursor}`)).body;
    names.push(...items.map(({ name }: { name: string }) => name));
    if (nextCursor === null) break;
    cursor = `&cursor=${nextCursor}`;
    // A cursor of one order says nothing in another.
    expect((await mine.call('GET', `/api/assets?limit=3${cursor}`)).body.code).toBe('CURSOR_INVALID');
  }
  expect(names).toEqual(['80.png', '40.png', '20.png', '10.png']);
});

describe('the content of an asset', () => {
  let url: string;
  beforeAll(async () => {
    url = (await upload(picture, 'content.png')).body.url;
  });

  test.each([
    ['bytes=0-9', 206, 0, 10],
    ['bytes=10-', 206, 10, Infinity],
    ['bytes=-5', 206, -5, Infinity],
    ['bytes=0-999999999', 206, 0, Infinity],
    ['bytes=5-4', 200, 0, Infinity],
    ['bytes=0-1,3-4', 200, 0, Infinity],
    ['lines=1-2', 200, 0, Infinity],
  ])('comes for the range %s', async (range, status, start, end) => {
    const served = await bytesOf(url, { range });
    const expected = Buffer.from(picture).subarray(start, end === Infinity ? undefined : end);
    expect(served.status).toBe(status);
    expect(served.bytes.equals(expected)).toBe(true);
    expect(served.headers.get('content-length')).toBe(String(expected.length));
    if (status === 206)
      expect(served.headers.get('content-range')).toMatch(new RegExp(`^bytes \\d+-\\d+/${picture.length}$`));
  });

  test('is refused for a range outside, naming the size', async () => {
    const answer = await user.call('GET', url, { headers: { range: `bytes=${picture.length}-` } });
    expect(answer).toMatchObject({ status: 416, body: { code: 'RANGE_NOT_SATISFIABLE' } });
    expect(answer.headers.get('content-range')).toBe(`bytes */${picture.length}`);
  });

  test('is not sent again to somebody who has it', async () => {
    const etag = (await bytesOf(url)).headers.get('etag') ?? '';
    expect((await bytesOf(url, { 'if-none-match': etag })).status).toBe(304);
    expect((await bytesOf(url, { 'if-none-match': '"other"' })).status).toBe(200);
    expect((await bytesOf(url, { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    expect((await bytesOf(url, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
  });

  test('attack 7: cannot do anything in a browser', async () => {
    const { headers } = await bytesOf(url);
    expect(headers.get('content-type')).toBe('image/png');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
    expect(headers.get('content-disposition')).toMatch(/^inline; /);
    expect((await bytesOf(`${url}?download=1`)).headers.get('content-disposition')).toMatch(/^attachment; /);
    expect(headers.get('cache-control')).toContain('private');
  });

  test('can be asked for by HEAD', async () => {
    const response = await fetch(`${server.url}${url}`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${user.key}` },
    });
    expect(response.headers.get('content-length')).toBe(String(picture.length));
    expect(await response.text()).toBe('');
  });

  test('has a small picture of it', async () => {
    const thumbnail = await bytesOf(`${url.replace('/content', '/thumbnail')}?width=40`);
    expect(thumbnail.headers.get('content-type')).toBe('image/webp');
    expect((await sharp(thumbnail.bytes).metadata()).format).toBe('webp');
  });
});

test('the list of assets is paged newest first, by kind', async () => {
  const mine = await server.addUser();
  const ids: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    const form = new FormData();
    form.set('file', new Blob([picture]), `${i}.png`);
    ids.push((await mine.call('POST', '/api/assets', { raw: form })).body.id);
  }
  const schema = pageOf(assetSchema);
  const first = schema.parse((await mine.call('GET', '/api/assets?limit=2&kind=image')).body);
  const rest = schema.parse((await mine.call('GET', `/api/assets?limit=2&kind=image&cursor=${first.nextCursor}`)).body);
  expect([...first.items, ...rest.items].map((asset) => asset.id)).toEqual(ids.toReversed());
  expect(rest.nextCursor).toBeNull();
  expect((await mine.call('GET', '/api/assets?kind=video')).body.items).toEqual([]);
});
