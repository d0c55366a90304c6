import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

let server: TestServer;
let behindProxy: TestServer;
let user: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  behindProxy = await startTestServer({ TRUST_PROXY: '1' });
  user = await server.addUser();
});
afterAll(async () => {
  await server.stop();
  await behindProxy.stop();
});

/** Sends bytes as they are, which no HTTP client would, and reads the answer. */
function sendRaw(request: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(request));
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.once('error', reject).once('close', () => {
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text });
    });
  });
}

const raw = (method: string, path: string, headers: readonly string[] = []) =>
  sendRaw(
    `${method} ${path} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nConnection: close\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`,
  );
const auth = () => `Authorization: Bearer ${user.key}`;

describe('attack 28: X-Forwarded-For', () => {
  const guess = (at: TestServer, i: number, forwarded: string) =>
    at.call('POST', '/api/auth/sign-in', {
      body: { email: 'victim@example.com', password: `wrong ${i}` },
      headers: { 'x-forwarded-for': forwarded },
    });

  test('does not make a guesser look like many where no proxy is trusted', async () => {
    const codes: string[] = [];
    for (let i = 0; i < 12; i += 1) codes.push((await guess(server, i, `203.0.113.${i}`)).body.code);
    expect(codes.slice(10)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
  });

  test('counts from the right, one for each trusted proxy: what a client put in front is ignored', async () => {
    const codes: string[] = [];
    for (let i = 0; i < 12; i += 1) codes.push((await guess(behindProxy, i, `203.0.113.${i}, 198.51.100.7`)).body.code);
    expect(codes.slice(10)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
    expect((await guess(behindProxy, 0, '203.0.113.1, 198.51.100.8')).body.code).toBe('AUTH_INVALID');
  });
});

test('attack 28: X-HTTP-Method-Override changes nothing', async () => {
  const { id } = (await user.call('POST', '/api/keys', { body: { name: 'kept' } })).body;
  for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
    expect((await user.call('GET', `/api/keys?_method=DELETE`, { headers: { [name]: 'DELETE' } })).status).toBe(200);
    const answer = await user.call('POST', `/api/keys/${id}`, { headers: { [name]: 'DELETE' } });
    expect({ status: answer.status, allow: answer.headers.get('allow') }).toEqual({ status: 405, allow: 'DELETE' });
  }
  expect((await user.call('GET', '/api/keys')).text).toContain(id);
});

test('attack 28: TRACE, CONNECT and methods that a path does not have are refused', async () => {
  for (const method of ['TRACE', 'PATCH', 'PROPFIND']) {
    const answer = await raw(method, '/api/workflows', [auth()]);
    expect({ method, status: answer.status }).toEqual({ method, status: 405 });
    // A TRACE that answered would show the caller's own headers back.
    expect(answer.text).not.toContain(user.key);
  }
  expect([0, 400, 404, 405]).toContain((await raw('CONNECT', '127.0.0.1:80')).status);
});

test('attack 28: no spelling of a path gets around the check of who is asking, or out of the web folder', async () => {
  const paths = [
    '//api/workflows',
    '/api//workflows',
    '/API/workflows',
    '/api/workflows/',
    '/api/./workflows',
    '/x/../api/workflows',
    '/%61pi/workflows',
    '/api%2fworkflows',
    '/api/workflows%00',
    '/api/workflows;x=1',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/assets/..%5c..%5cpackage.json',
    '/api/assets/..%2f..%2fetc%2fpasswd/content',
    '/%c0%ae%c0%ae/etc/passwd',
    '/%zz',
  ];
  for (const path of paths) {
    const { status, text } = await raw('GET', path);
    // Without a credential nothing but a refusal, or the page of the web app (503 while it is not built).
    expect({ path, isRefused: [400, 401, 404, 503].includes(status) }).toEqual({ path, isRefused: true });
    expect(text).not.toMatch(/root:|"items"|"dependencies"/);
  }
});

test('attack 28: a Host header of the caller’s choice ends up in no answer', async () => {
  const host = 'evil.example';
  for (const path of ['/', '/api/me', '/api/config', '/api/openapi.json']) {
    const answer = await sendRaw(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: ${host}\r\nConnection: close\r\n${auth()}\r\n\r\n`,
    );
    expect(answer.status).toBeGreaterThan(0);
    expect(answer.text).not.toContain(host);
  }
  const owner = await server.signIn(await server.addUser('owner'));
  const invited = await owner.call('POST', '/api/invitations', {
    body: { email: 'guest@example.com', role: 'viewer' },
    headers: { 'x-forwarded-host': host },
  });
  expect(invited.body.path).toMatch(/^\/invitation#token=[\w-]{43}$/);
  expect(invited.text).not.toContain(host);
});
