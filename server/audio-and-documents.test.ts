import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peaksSchema } from '../core/api/assets.ts';
import { makePicture, makeSound } from '../testing/media.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

function upload(bytes: Uint8Array<ArrayBuffer>, name: string) {
  const form = new FormData();
  form.set('file', new Blob([bytes]), name);
  return user.call('POST', '/api/assets', { raw: form });
}
async function bytesOf(address: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${address}`, {
    headers: { authorization: `Bearer ${user.key}`, ...headers },
  });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

describe('a sound', () => {
  const uploadSound = async (name: string) => upload(new Uint8Array(await readFile(await makeSound('ogg'))), name);

  test('is described by its content, listed by its kind and served where it stands', async () => {
    const answer = await uploadSound('voice.mp3');
    expect({ status: answer.status, ...answer.body }).toMatchObject({
      status: 201,
      name: 'voice.mp3',
      mimeType: 'audio/ogg',
      channels: 2,
      sampleRate: 48_000,
    });
    expect(Math.abs(answer.body.durationMs - 3_000)).toBeLessThan(120);
    const listed = (await user.call('GET', '/api/assets?kind=audio')).body.items;
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([answer.body.id]);
    const served = await bytesOf(answer.body.url, { range: 'bytes=0-3' });
    expect(served.bytes.toString()).toBe('OggS');
    expect(served.headers.get('content-disposition')).toMatch(/^inline/);
  });

  test('has its peaks measured once, kept for as long as it is there, and counted', async () => {
    const { body: asset } = await uploadSound('peaks.ogg');
    const derived = path.join(server.dataDir, 'assets', 'derived');
    const address = `/api/assets/${asset.id}/peaks`;
    const first = await bytesOf(address);
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    const { peaks } = peaksSchema.parse(JSON.parse(first.bytes.toString()));
    expect(peaks).toHaveLength(480);
    expect(Math.max(...peaks.slice(0, 150))).toBeLessThan(20);
    expect(Math.min(...peaks.slice(170, 470))).toBeGreaterThan(100);
    const etag = first.headers.get('etag')!;
    expect((await bytesOf(address, { 'if-none-match': etag })).status).toBe(304);
    const kept = (await readdir(derived, { recursive: true })).filter((name) => name.endsWith('peaks-480.json'));
    expect(kept).toHaveLength(1);
    const stranger = await server.addUser();
    expect((await stranger.call('GET', address)).status).toBe(404);
  });

  test('in a format that browsers do not play is sent as MP3 where that is asked for, made once', async () => {
    const aiff = new Uint8Array(await readFile(await makeSound('aiff')));
    const { status, body: sound } = await upload(aiff, 'take.aif');
    expect([status, sound.mimeType]).toEqual([201, 'audio/aiff']);
    const [whole, part] = [
      await bytesOf(`${sound.url}?playable=1`),
      await bytesOf(`${sound.url}?playable=1`, { range: 'bytes=0-9' }),
    ];
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
    expect([part.status, part.bytes.equals(whole.bytes.subarray(0, 10))]).toEqual([206, true]);
    expect((await bytesOf(sound.url)).bytes.equals(Buffer.from(aiff))).toBe(true);
    expect((await user.call('GET', `${sound.url}?playable=yes`)).status).toBe(400);
    const stranger = await server.addUser();
    expect((await stranger.call('GET', `${sound.url}?playable=1`)).status).toBe(404);
  });

  test('has no preview, and an image no peaks', async () => {
    const { body: sound } = await uploadSound('no-picture.ogg');
    const { body: image } = await upload(
      new Uint8Array(await readFile(await makePicture('png', 80, 60))),
      'no-peaks.png',
    );
    for (const address of [`/api/assets/${sound.id}/thumbnail`, `/api/assets/${image.id}/peaks`]) {
      const answer = await user.call('GET', address);
      expect([answer.status, answer.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA']);
    }
  });
});

describe('a document', () => {
  test.each([
    ['a table', 'a,b\n1,2\n', 'text/csv'],
    ['JSON', '{"a":[1,2]}', 'application/json'],
    ['subtitles', '1\n00:00:01,000 --> 00:00:02,000\nHello\n', 'application/x-subrip'],
    ['a PDF', '%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n', 'application/pdf'],
    ['a text that speaks of a page', 'Write <script>alert(1)</script> here.\n', 'text/plain'],
  ])(
    'that is %s is taken for what it is and only ever saved, never shown as a page',
    async (_what, content, mimeType) => {
      const answer = await upload(new TextEncoder().encode(content), 'page.html');
      expect([answer.status, answer.body.mimeType]).toEqual([201, mimeType]);
      const served = await bytesOf(answer.body.url);
      expect(served.bytes.toString()).toBe(content);
      expect(served.headers.get('content-type')).toMatch(new RegExp(`^${mimeType}`));
      expect(served.headers.get('content-disposition')).toMatch(/^attachment/);
      expect(served.headers.get('x-content-type-options')).toBe('nosniff');
      const listed = (await user.call('GET', '/api/assets?kind=file&limit=100')).body.items;
      expect(listed.map(({ id }: { id: string }) => id)).toContain(answer.body.id);
    },
  );

  test('in another encoding than UTF-8 is refused with what to do', async () => {
    const answer = await upload(new Uint8Array([0x63, 0x61, 0x66, 0xe9]), 'latin.txt');
    expect([answer.status, answer.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA']);
    expect(answer.body.detail).toMatch(/Save it as UTF-8/);
  });
});
