import { readdir } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { askAgain } from '../../testing/ask-again.ts';
import { eventually } from '../../testing/eventually.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ STORAGE_MAX_MB: '1', STORAGE_MAX_FILES: '5' });
});
afterAll(() => server.stop());

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(path.join(server.dataDir, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test.each(['with its length', 'in chunks'])(
  'security case 2: uploads %s that the quota refuses leave nothing on the disk',
  async (how) => {
    const user = await server.addUser();
    const before = (await filesIn('assets')).sort();
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        const picture = await sharp(Buffer.alloc(1_000 * (700 + i) * 3, i), {
          raw: { width: 1_000, height: 700 + i, channels: 3 },
        })
          .png({ compressionLevel: 0 })
          .toBuffer();
        const answer = await askAgain(async () => {
          const form = new FormData();
          form.set('file', new Blob([new Uint8Array(picture)]), `${i}.png`);
          const request = new Request(`${server.url}/api/assets`, { method: 'POST', body: form });
          const body =
            how === 'in chunks' ? Readable.toWeb(Readable.from([Buffer.from(await request.arrayBuffer())])) : form;
          return fetch(request.url, {
            method: 'POST',
            headers: {
              authorization: `Bearer ${user.key}`,
              ...(how === 'in chunks' ? { 'content-type': request.headers.get('content-type') ?? '' } : {}),
            },
            body: body as RequestInit['body'],
            duplex: 'half',
          } as RequestInit);
        });
        return ((await answer.json()) as { code?: string }).code;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 10 }, () => 'STORAGE_FULL'));
    expect((await filesIn('assets')).sort()).toEqual(before);
    expect(await filesIn('work')).toEqual([]);
    const { rows } = await server.database.pool.query('select from asset_reservations');
    expect(rows).toEqual([]);
    expect((await user.call('GET', '/api/usage')).body.storage).toMatchObject({ files: 0, bytes: 0 });
  },
);

/** A multipart form as bytes, of which the last part may lack its end. */
function formOf(parts: readonly Buffer[], { isWhole }: { isWhole: boolean }): Buffer {
  const head = (i: number) =>
    `--edge\r\nContent-Disposition: form-data; name="file"; filename="${i}.png"\r\nContent-Type: image/png\r\n\r\n`;
  const bodies = parts.flatMap((part, i) => [Buffer.from(head(i)), part, Buffer.from('\r\n')]);
  return Buffer.concat([...bodies, Buffer.from(isWhole ? '--edge--\r\n' : '--edge\r\n')]);
}

const smallPicture = () =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();

test('security case 2: a file that came whole leaves nothing where a second part makes the form wrong', async () => {
  const user = await server.addUser();
  const picture = await smallPicture();
  const answer = await user.call('POST', '/api/assets', {
    raw: new Uint8Array(formOf([picture, picture], { isWhole: true })),
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
  });
  expect(answer).toMatchObject({ status: 400, body: { code: 'UPLOAD_INVALID' } });
  expect(await filesIn('work')).toEqual([]);
  expect((await server.database.pool.query('select from asset_reservations')).rows).toEqual([]);
});

test('security case 2: a file that came whole leaves nothing where the form breaks off behind it', async () => {
  const user = await server.addUser();
  const { hostname, port } = new URL(server.url);
  const socket = net.connect(Number(port), hostname);
  socket.on('error', () => {});
  const form = formOf([await smallPicture()], { isWhole: false });
  socket.write(
    `POST /api/assets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${user.key}\r\n` +
      `Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: ${form.length + 1_000}\r\n\r\n`,
  );
  socket.write(form);
  const reserved = async () => (await server.database.pool.query('select from asset_reservations')).rows.length;
  // It is taken, and its room with it; then whoever sent it is gone.
  await eventually(async () => (await reserved()) === 1 && (await filesIn('work')).length === 1);
  socket.destroy();
  await eventually(async () => (await reserved()) === 0 && (await filesIn('work')).length === 0);
});

test('security case 13: an upload that comes again after its file was deleted is kept as a new file', async () => {
  const user = await server.addUser();
  const picture = await smallPicture();
  const upload = () => {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(picture)]), 'again.png');
    return user.call('POST', '/api/assets', { raw: form, headers: { 'idempotency-key': 'again' } });
  };
  const first = await upload();
  expect(first.status).toBe(201);
  expect((await user.call('DELETE', `/api/assets/${first.body.id}`)).status).toBe(204);
  const second = await upload();
  expect(second.status).toBe(201);
  expect(second.body.id).not.toBe(first.body.id);
  expect((await user.call('GET', `/api/assets/${second.body.id}`)).status).toBe(200);
});
