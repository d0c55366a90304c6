import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
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
        const form = new FormData();
        form.set('file', new Blob([new Uint8Array(picture)]), `${i}.png`);
        const request = new Request(`${server.url}/api/assets`, { method: 'POST', body: form });
        const body =
          how === 'in chunks' ? Readable.toWeb(Readable.from([Buffer.from(await request.arrayBuffer())])) : form;
        const answer = await fetch(request.url, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${user.key}`,
            ...(how === 'in chunks' ? { 'content-type': request.headers.get('content-type') ?? '' } : {}),
          },
          body: body as RequestInit['body'],
          duplex: 'half',
        } as RequestInit);
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
