import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { isFromInside } from './from-inside.ts';

const asked = (headers: Record<string, string>, remoteAddress = '172.18.0.5', publicUrl: string | null = null) =>
  isFromInside({ headers, socket: { remoteAddress } }, publicUrl);

test.each([
  ['a program in the same network', {}, '10.0.0.7', true],
  ['one over IPv6', {}, 'fd00::7', true],
  ['an IPv4 address written as IPv6', {}, '::ffff:192.168.1.4', true],
  ['somebody from the internet', {}, '203.0.113.9', false],
  ['somebody whose address is not known', {}, '', false],
  ['somebody behind nginx, Traefik or Caddy', { 'x-forwarded-for': '203.0.113.9' }, '172.18.0.5', false],
  ['somebody behind a proxy that follows RFC 7239', { forwarded: 'for=203.0.113.9' }, '172.18.0.5', false],
  ['somebody behind a cache', { via: '1.1 varnish' }, '127.0.0.1', false],
  ['somebody behind nginx with X-Real-IP alone', { 'x-real-ip': '203.0.113.9' }, '127.0.0.1', false],
  ['somebody behind a tunnel', { 'cf-connecting-ip': '203.0.113.9' }, '127.0.0.1', false],
])('%s: inside %j from %s: %s', (_who, headers, address, isInside) => {
  expect(asked(headers, address)).toBe(isInside);
});

test('whoever uses the public name of the server came through whatever is in front of it', () => {
  const host = { host: 'heddle.example.org' };
  expect(asked(host, '172.18.0.5', 'https://heddle.example.org/app')).toBe(false);
  expect(asked(host, '127.0.0.1', 'https://heddle.example.org/app')).toBe(false);
  expect(asked({ host: 'server:3000' }, '172.18.0.5', 'https://heddle.example.org')).toBe(true);
  // Without a proxy the public name is that of the machine itself.
  expect(asked({ host: 'localhost:3000' }, '127.0.0.1', 'http://localhost:3000')).toBe(true);
});

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('through a proxy figures are for owners, and readiness is one word', async () => {
  const [owner, member] = [await server.addUser('owner'), await server.addUser()];
  const proxied = { 'x-forwarded-for': '203.0.113.9' };
  const ask = async (path: string, headers: Record<string, string>) => {
    const { status, text, body } = await server.call('GET', path, { headers });
    return { status, code: body.code, hasFigures: text.includes('heddle_http_request_seconds') };
  };
  const as = ({ key }: { key: string }) => ({ ...proxied, authorization: `Bearer ${key}` });
  expect(await ask('/metrics', {})).toEqual({ status: 200, code: undefined, hasFigures: true });
  expect(await ask('/metrics', as(owner))).toEqual({ status: 200, code: undefined, hasFigures: true });
  expect(await ask('/metrics', proxied)).toEqual({ status: 401, code: 'AUTH_REQUIRED', hasFigures: false });
  expect(await ask('/metrics', as(member))).toEqual({ status: 403, code: 'SCOPE_MISSING', hasFigures: false });
  expect(await ask('/metrics', as({ key: 'hdl_wrong' }))).toMatchObject({ status: 401, code: 'AUTH_INVALID' });
  expect((await server.call('GET', '/readyz', { headers: proxied })).body).toEqual({ status: 'ready' });
  expect((await server.call('GET', '/readyz')).body).toMatchObject({ status: 'ready', postgres: 'ok', queue: 'ok' });
});
