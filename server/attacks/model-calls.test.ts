import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startFakeGemini } from '../../testing/fake-gemini.ts';
import type { FakeModelServer } from '../../testing/fake-model-server.ts';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

let gemini: FakeModelServer;
let server: TestServer;
let owner: TestUser;

beforeAll(async () => {
  gemini = await startFakeGemini({ apiKey: 'test-key-1234567890' });
  server = await startTestServer({ GEMINI_API_KEY: 'test-key-1234567890', GEMINI_BASE_URL: gemini.url });
  owner = await server.signIn(await server.addUser('owner'));
});
beforeEach(() => gemini.reset());
afterAll(async () => {
  await server.stop();
  await gemini.stop();
});

const body = { model: 'gemini-fake', userMessage: 'Hi' };
const ask = (user: TestUser, headers: Record<string, string> = {}) =>
  user.call('POST', '/api/llm/execute', { body, headers });
const asked = (count: number) => gemini.until((calls) => calls.filter(({ prompt }) => prompt !== null).length >= count);
const allLeft = () => gemini.until((calls) => calls.every(({ endedBy }) => endedBy === 'client'));

/** A user with calls that wait for a provider which says nothing. */
async function hanging(count: number) {
  gemini.standing({ kind: 'hang', chunks: ['One '] });
  const user = await server.addUser();
  const calls = Array.from({ length: count }, () => ask(user));
  await asked(count);
  return { user, calls };
}

describe('direct model calls', () => {
  test('are given in turns: one user has so many, and the calls of another are not behind them', async () => {
    const { user, calls } = await hanging(6);
    const more = Array.from({ length: 25 }, () => ask(user));
    const first = await Promise.race(more);
    expect({ status: first.status, code: first.body.code }).toEqual({ status: 429, code: 'RATE_LIMITED' });
    gemini.standing({ kind: 'answer' });
    expect((await ask(await server.addUser())).status).toBe(200);
    // The others of the first user still wait for the six.
    expect(gemini.prompts).toHaveLength(7);
    await owner.call('DELETE', `/api/members/${user.id}`);
    const statuses = (await Promise.all([...calls, ...more])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([...Array.from({ length: 30 }, () => 401), 429]);
    expect(gemini.prompts).toHaveLength(7);
  });

  test.each<[string, (user: TestUser) => Promise<unknown>, number, string]>([
    ['the user is removed', (user) => owner.call('DELETE', `/api/members/${user.id}`), 401, 'AUTH_INVALID'],
    [
      'the key is revoked',
      async (user) => {
        const session = await server.signIn(user);
        const { id } = (await session.call('GET', '/api/keys')).body.items[0];
        expect((await session.call('DELETE', `/api/keys/${id}`)).status).toBe(204);
      },
      401,
      'AUTH_INVALID',
    ],
    [
      'the user becomes a viewer',
      (user) => owner.call('PUT', `/api/members/${user.id}`, { body: { role: 'viewer' } }),
      403,
      'SCOPE_MISSING',
    ],
  ])('end when %s, at the provider too', async (_what, end, status, code) => {
    const { user, calls } = await hanging(2);
    const streamed = ask(user, { accept: 'text/event-stream' });
    await asked(3);
    await end(user);
    await allLeft();
    for (const { status: answered, body: problem } of await Promise.all(calls)) {
      expect({ status: answered, code: problem.code }).toEqual({ status, code });
    }
    expect((await streamed).text).toContain(`"code":"${code}"`);
  });

  test('of somebody else go on', async () => {
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    gemini.standing({ kind: 'answer', chunks: ['One ', 'two'], beforeChunk: () => gate });
    const call = ask(await server.addUser());
    await asked(1);
    const other = await server.addUser();
    expect((await owner.call('DELETE', `/api/members/${other.id}`)).status).toBe(204);
    goOn();
    expect((await call).status).toBe(200);
  });
});

test('every route that may take minutes ends with the right to it', () => {
  const ending = server.running.routes.filter(({ endsWithAccess }) => endsWithAccess === true);
  expect(ending.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
    'get /api/admin/audit/export',
    'get /api/assets/:id/content',
    'get /api/assets/:id/thumbnail',
    'get /api/batches/:id/export',
    'get /api/runs/:id/events',
    'get /api/workflows/:id/export',
    'get /api/workspaces/:id/audit/export',
    'post /api/assets',
    'post /api/llm/execute',
    'post /api/w/:slug/run',
    'post /api/workflows/:id/run',
    'post /api/workflows/:id/runs',
    'post /api/workflows/import',
    'post /mcp',
  ]);
});
