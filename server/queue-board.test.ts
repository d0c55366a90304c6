import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const queueBoardPath = '/admin/queues';
const password = 'a long enough password';
let server: TestServer;
let cookie: string;

beforeAll(async () => {
  server = await startTestServer({ BOOTSTRAP_EMAIL: 'owner@example.org', BOOTSTRAP_PASSWORD: password });
  const signedIn = await server.call('POST', '/api/auth/sign-in', {
    body: { email: 'owner@example.org', password },
    headers: { origin: server.url },
  });
  cookie = (signedIn.headers.get('set-cookie') ?? '').split(';', 1)[0]!;
});
afterAll(() => server.stop());

test('the board is closed to strangers, to API keys and to members', async () => {
  expect((await server.call('GET', queueBoardPath)).status).toBe(401);
  const owner = await server.addUser('owner');
  expect((await owner.call('GET', queueBoardPath)).status).toBe(401);
  expect((await server.call('GET', `${queueBoardPath}/api/queues`)).status).toBe(401);
  expect((await server.call('GET', `${queueBoardPath}/static/js/main.js`)).status).toBe(401);
});

test('an owner who is signed in sees the queues; the page asks no other host for anything', async () => {
  const page = await server.call('GET', queueBoardPath, { headers: { cookie } });
  expect(page.status).toBe(200);
  expect(page.text).toContain('<div id="root">');
  expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  // Scripts in the page itself would be stopped by the policy.
  const scripts = [...page.text.matchAll(/<script\b([^>]*)>/g)].map(([, attributes = '']) => attributes);
  expect(scripts.length).toBeGreaterThan(0);
  for (const attributes of scripts) expect(attributes).toMatch(/src="|type="application\/json"/);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");

  const queues = await server.call('GET', `${queueBoardPath}/api/queues`, { headers: { cookie } });
  expect(queues.status).toBe(200);
  const names = queues.body.queues.map((queue: { name: string; readOnlyMode: boolean }) => [
    queue.name,
    queue.readOnlyMode,
  ]);
  expect(names.toSorted()).toEqual([
    ['node-cpu', true],
    ['node-io', true],
    ['orchestrator', true],
  ]);
});

test('the board changes nothing', async () => {
  for (const [method, path] of [
    ['PUT', '/api/queues/node-io/pause'],
    ['PUT', '/api/queues/pause'],
    ['POST', '/api/queues/node-io/add'],
    ['PUT', '/api/queues/node-io/obliterate'],
    ['DELETE', '/api/queues/node-io'],
  ] as const) {
    const { status, body } = await server.call(method, queueBoardPath + path, { headers: { cookie } });
    expect({ path, status, code: body.code }).toEqual({ path, status: 405, code: 'METHOD_NOT_ALLOWED' });
  }
});
