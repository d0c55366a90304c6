import { createHash } from 'node:crypto';
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
