import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { basePathOf, withoutBasePath } from './request/base-path.ts';

const page = '<!doctype html><head><base href="/" /></head><script src="./assets/app.js"></script>';

async function serverWithPage(env: Record<string, string>): Promise<TestServer> {
  const server = await startTestServer(env);
  await mkdir(path.join(server.config.webDir, 'assets'), { recursive: true });
  await writeFile(path.join(server.config.webDir, 'index.html'), page);
  await writeFile(path.join(server.config.webDir, 'assets', 'app.js'), 'app()');
  return server;
}

const owner = { email: 'owner@example.org', password: 'four unlikely words here' };
const ownerEnv = { BOOTSTRAP_EMAIL: owner.email, BOOTSTRAP_PASSWORD: owner.password };

async function cookieOf(server: TestServer, at: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await server.call('POST', `${at}/api/auth/sign-in`, { body: owner, headers });
  expect(answer.status).toBeLessThan(300);
  return answer.headers.get('set-cookie') ?? '';
}

describe('C20: under a path that PUBLIC_URL names', () => {
  let server: TestServer;
  let user: TestUser;
  beforeAll(async () => {
    server = await serverWithPage({ ...ownerEnv, PUBLIC_URL: 'https://example.org/tools/heddle/' });
    user = await server.addUser('owner');
  });
  afterAll(() => server.stop());

  test.each(['/tools/heddle', ''])('pages, files and the API are there, cut off or not: %j', async (at) => {
    for (const address of ['/', '/workflows/5', '/sign-in?next=%2F']) {
      const answer = await server.call('GET', `${at}${address}`);
      expect(answer.text).toContain('<base href="/tools/heddle/" />');
    }
    expect((await server.call('GET', `${at}/assets/app.js`)).text).toBe('app()');
    expect((await server.call('GET', `${at}/api/config`)).body).toMatchObject({ name: 'heddle' });
    expect((await user.call('GET', `${at}/api/me`)).status).toBe(200);
    expect((await server.call('GET', `${at}/healthz`)).status).toBe(200);
    expect((await server.call('GET', `${at}/api/none`)).body).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });

  test('the page itself may lack the slash', async () => {
    expect((await server.call('GET', '/tools/heddle')).text).toContain('<base href="/tools/heddle/" />');
    expect((await server.call('GET', '/tools/heddle?x=1')).status).toBe(200);
  });

  test('the live connection is there, cut off or not', async () => {
    for (const at of ['/tools/heddle/socket.io', '/socket.io']) {
      for (const transport of ['websocket', 'polling']) {
        const socket = io(server.url, { path: at, auth: { token: user.key }, transports: [transport], forceNew: true });
        const outcome = await new Promise<string>((resolve) => {
          socket.once('connect', () => resolve('connected')).once('connect_error', ({ message }) => resolve(message));
        });
        socket.close();
        expect({ at, transport, outcome }).toEqual({ at, transport, outcome: 'connected' });
      }
    }
  });

  test('the session is for that path alone', async () => {
    expect(await cookieOf(server, '/tools/heddle')).toContain('Path=/tools/heddle;');
  });

  test('its description names it, and is found', async () => {
    expect((await server.call('GET', '/api/openapi.json')).body.servers).toEqual([{ url: '/tools/heddle' }]);
    const docs = await fetch(`${server.url}/tools/heddle/api/docs`, { redirect: 'manual' });
    expect(docs.headers.get('location')).toBe('/tools/heddle/api/docs/');
    const shown = await server.call('GET', '/tools/heddle/api/docs/');
    expect(shown.text).toContain('swagger-ui');
    expect(shown.text).not.toMatch(/(?:src|href)="\//);
    expect((await server.call('GET', '/tools/heddle/api/docs/swagger-ui-init.js')).text).toContain('../openapi.json');
  });

  test('the queues find their own files', async () => {
    const { cookie } = await server.signIn(user);
    const board = await server.call('GET', '/tools/heddle/admin/queues/', { headers: { cookie } });
    expect(board.status).toBe(200);
    const addresses = [...board.text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter((address) => !address.startsWith('/tools/heddle/admin/queues'))).toEqual([]);
  });

  test('links and origins are those of the public address', () => {
    expect(server.running.url).toBe('https://example.org/tools/heddle');
    expect(server.config.allowedOrigins).toEqual(['https://example.org']);
  });
});

describe('C20: under a path that a trusted proxy names', () => {
  const prefix = { 'x-forwarded-prefix': '/heddle/' };
  let server: TestServer;
  beforeAll(async () => {
    server = await serverWithPage({ ...ownerEnv, TRUST_PROXY: '1' });
  });
  afterAll(() => server.stop());

  test('the page and its session are those of that path', async () => {
    for (const address of ['/', '/heddle/']) {
      expect((await server.call('GET', address, { headers: prefix })).text).toContain('<base href="/heddle/" />');
    }
    expect((await server.call('GET', '/')).text).toContain('<base href="/" />');
    expect(await cookieOf(server, '', prefix)).toContain('Path=/heddle;');
  });

  test('a stranger names nothing', () => {
    const of = (header: string, trustedProxies: number) =>
      basePathOf({ headers: { 'x-forwarded-prefix': header } }, { basePath: '', trustedProxies });
    expect(of('/heddle', 0)).toBe('');
    expect(of('/heddle', 1)).toBe('/heddle');
    for (const header of [
      '//evil.example',
      '/"><script>',
      '/a b',
      'heddle',
      '/a/../b',
      '/\r\nx',
      `/${'a'.repeat(300)}`,
    ]) {
      expect([header, of(header, 1)]).toEqual([header, '']);
    }
  });
});

test('C20: only the whole path is cut off', () => {
  expect(withoutBasePath('/heddle/api/x?y=1', '/heddle')).toBe('/api/x?y=1');
  expect(withoutBasePath('/heddle', '/heddle')).toBe('/');
  expect(withoutBasePath('/heddle?y=1', '/heddle')).toBe('/?y=1');
  expect(withoutBasePath('/heddles/x', '/heddle')).toBe('/heddles/x');
  expect(withoutBasePath('/api/x', '/heddle')).toBe('/api/x');
  expect(withoutBasePath('/api/x', '')).toBe('/api/x');
});
