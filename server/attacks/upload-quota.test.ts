import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { askAgain } from '../../testing/ask-again.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

const maxFiles = 5;
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ STORAGE_MAX_FILES: String(maxFiles) });
});
afterAll(() => server.stop());

test('attack 23: a hundred different files at once on two servers fill the quota and never more', async () => {
  const another = await server.startAnother();
  try {
    const user = await server.addUser();
    const pictures = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        sharp({ create: { width: 4 + i, height: 4, channels: 3, background: 'teal' } })
          .png()
          .toBuffer(),
      ),
    );
    const answers = await Promise.all(
      pictures.map(async (picture, i) => {
        const form = new FormData();
        form.set('file', new Blob([new Uint8Array(picture)]), `${i}.png`);
        let sent = 0;
        const answer = await askAgain(() => {
          sent += 1;
          return fetch(`${i % 2 ? server.url : another.url}/api/assets`, {
            method: 'POST',
            headers: { authorization: `Bearer ${user.key}` },
            body: form,
          });
        });
        // A file that was kept before the server said 503 is there already when it comes again.
        const isThere = sent > 1 && answer.status === 200;
        return { status: isThere ? 201 : answer.status, code: ((await answer.json()) as { code?: string }).code };
      }),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(maxFiles);
    expect(answers.filter(({ status }) => status !== 201)).toEqual(
      Array.from({ length: 95 }, () => ({ status: 507, code: 'STORAGE_FULL' })),
    );
    expect((await user.call('GET', '/api/assets?limit=100')).body.items).toHaveLength(maxFiles);
    // Somebody else has room of their own.
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(pictures[0]!)]), 'x.png');
    expect((await (await server.addUser()).call('POST', '/api/assets', { raw: form })).status).toBe(201);
  } finally {
    await another.stop();
  }
});
