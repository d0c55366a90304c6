import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

let server: TestServer;
let user: TestUser & { readonly cookie: string };

beforeAll(async () => {
  server = await startTestServer({ ALLOWED_ORIGINS: 'https://tools.example' });
  user = await server.signIn(await server.addUser());
});
afterAll(() => server.stop());

const foreign: readonly [string, Record<string, string>][] = [
  ['its Origin', { origin: 'https://evil.example' }],
  ['the Origin null', { origin: 'null' }],
  ['another port of this machine', { origin: 'http://127.0.0.1:9' }],
  ['an Origin that begins like ours', { origin: 'https://tools.example.evil.example' }],
  ['no Origin but Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }],
  ['no Origin but a sister site', { 'sec-fetch-site': 'same-site' }],
];

describe('attack 18: a page of another site that sends the cookie with', () => {
  test.each(foreign)('%s is refused before anything happens', async (_what, headers) => {
    for (const [method, path, body] of [
      ['POST', '/api/keys', { name: 'stolen' }],
      ['PUT', '/api/me', { firstName: 'Mallory' }],
      ['POST', '/api/auth/sign-out', undefined],
      ['DELETE', '/api/workflows/1', undefined],
    ] as const) {
      const answer = await user.call(method, path, { body, headers });
      expect({ path, status: answer.status, code: answer.body.code }).toEqual({
        path,
        status: 403,
        code: 'ORIGIN_NOT_ALLOWED',
      });
    }
    expect((await user.call('GET', '/api/keys')).text).not.toContain('stolen');
    expect((await user.call('GET', '/api/me')).body.firstName).toBeNull();
  });

  test.each(foreign)('%s cannot sign anybody in, as a form would', async (_what, headers) => {
    const body = { email: 'a@example.com', password: 'x' };
    expect((await server.call('POST', '/api/auth/sign-in', { body, headers })).body.code).toBe('ORIGIN_NOT_ALLOWED');
  });

  test('as a form gets nothing either: it is no JSON', async () => {
    const headers = { origin: server.url, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await user.call('POST', '/api/keys', { raw: 'name=stolen', headers });
    expect({ status: answer.status, code: answer.body.code }).toEqual({
      status: 415,
      code: 'CONTENT_TYPE_UNSUPPORTED',
    });
  });
});

test('attack 18: our own pages and allowed ones pass, and an API key works from anywhere', async () => {
  for (const origin of [server.url, 'https://tools.example']) {
    expect((await user.call('POST', '/api/keys', { body: { name: 'own' }, headers: { origin } })).status).toBe(201);
  }
  const headers = { authorization: `Bearer ${user.key}`, origin: 'https://evil.example' };
  expect((await server.call('POST', '/api/keys', { body: { name: 'k' }, headers })).status).toBe(201);
});

describe('attack 18: a live connection', () => {
  const connect = (headers: Record<string, string>, transports: ('websocket' | 'polling')[]): Promise<string> =>
    new Promise((resolve) => {
      const socket = io(server.url, { extraHeaders: headers, transports, reconnection: false, forceNew: true });
      socket.once('connect', () => resolve('connected')).once('connect_error', () => resolve('refused'));
      socket.once('connect', () => socket.disconnect());
    });

  test.each(foreign)('from a page with %s is refused at the handshake', async (_what, headers) => {
    for (const transport of ['websocket', 'polling'] as const) {
      expect(await connect({ cookie: user.cookie, ...headers }, [transport])).toBe('refused');
    }
  });

  test('from our own pages and allowed ones is opened', async () => {
    for (const origin of [server.url, 'https://tools.example']) {
      for (const transport of ['websocket', 'polling'] as const) {
        expect(await connect({ cookie: user.cookie, origin }, [transport])).toBe('connected');
      }
    }
  });
});

test('attack 18: no answer lets another site read it', async () => {
  for (const path of ['/api/me', '/api/config', '/']) {
    const { headers } = await user.call('GET', path, { headers: { origin: 'https://evil.example' } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of ["script-src 'self';", "object-src 'none'", "frame-ancestors 'none'", "frame-src 'none'"]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  }
});
