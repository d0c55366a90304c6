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

test('attack 23: forty different files at once on two servers fill the quota and never more', async () => {
  const another = await server.startAnother();
  try {
    const user = await server.addUser();
    const pictures = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        sharp({ create: { width: 4 + i, height: 4, channels: 3, background: 'teal' } })
          .png()
          .toBuffer(),
      ),
    );
    const send = async (i: number) => {
      const answer = await askAgain(() => {
        const form = new FormData();
        form.set('file', new Blob([new Uint8Array(pictures[i]!)]), `${i}.png`);
        return fetch(`${i % 2 ? server.url : another.url}/api/assets`, {
          method: 'POST',
          headers: { authorization: `Bearer ${user.key}` },
          body: form,
        });
      });
      const { code } = (await answer.json()) as { code?: string };
      return { status: answer.status, code };
    };
    const kept = async (): Promise<number> => (await user.call('GET', '/api/assets?limit=100')).body.items.length;
    const answers = await Promise.all(pictures.map((_picture, i) => send(i)));
    // 200 where the server said 503 to a file that it had kept, and it came again.
    const taken = answers.flatMap(({ status }, i) => (status === 201 || status === 200 ? [i] : []));
    expect(taken.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status !== 201 && status !== 200)).toEqual(
      Array.from({ length: 40 - taken.length }, () => ({ status: 507, code: 'STORAGE_FULL' })),
    );
    expect(await kept()).toBe(taken.length);
    // The last of those that were refused stood behind files that may have come to nothing; one by one they are taken until it is full.
    for (let i = 0; (await kept()) < maxFiles; i += 1) {
      if (!taken.includes(i)) expect((await send(i)).status).toBe(201);
    }
    expect(await kept()).toBe(maxFiles);
    const refused = answers.findLastIndex(({ status }) => status === 507);
    expect(await send(refused)).toEqual({ status: 507, code: 'STORAGE_FULL' });
    expect(await kept()).toBe(maxFiles);
    // Somebody else has room of their own.
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(pictures[0]!)]), 'x.png');
    expect((await (await server.addUser()).call('POST', '/api/assets', { raw: form })).status).toBe(201);
  } finally {
    await another.stop();
  }
});
