import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { eventually } from '../../testing/eventually.ts';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';
import { hashSecret } from '../auth/secrets.ts';
import { rateTable } from '../limits/limits.ts';

let server: TestServer;
let user: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

const withKey = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

test('attack 21: a key is shown once and stored as a hash, notes its use, and is dead once revoked', async () => {
  const created = (await user.call('POST', '/api/keys', { body: { name: 'CI' } })).body;
  expect(created.key).toMatch(/^hdl_[A-Za-z0-9_-]{43}$/);
  expect(created).toMatchObject({ name: 'CI', prefix: created.key.slice(0, 12), lastUsedAt: null, expiresAt: null });
  expect((await server.call('GET', '/api/me', withKey(created.key))).body).toMatchObject({
    id: user.id,
    via: 'api-key',
    scopes: ['read', 'run', 'write'],
  });
  const listed = await user.call('GET', '/api/keys');
  expect(listed.text).not.toContain(created.key);
  const entry = listed.body.items.find((key: { id: string }) => key.id === created.id);
  expect(entry.lastUsedAt).not.toBeNull();
  const { rows } = await server.database.pool.query(`select encode(key_hash, 'escape') as hash, * from api_keys`);
  expect(JSON.stringify(rows)).not.toContain(created.key.slice(12));
  expect((await user.call('DELETE', `/api/keys/${created.id}`)).status).toBe(204);
  expect((await server.call('GET', '/api/me', withKey(created.key))).status).toBe(401);
  expect((await user.call('DELETE', `/api/keys/${created.id}`)).status).toBe(404);
});

test('attack 21: a key in the query is not looked at, nor one in a cookie, a body or another scheme', async () => {
  const { key } = user;
  expect((await server.call('GET', `/api/me?key=${key}&access_token=${key}&token=${key}`)).status).toBe(401);
  expect((await server.call('GET', '/api/me', { headers: { cookie: `heddle_session=${key}` } })).status).toBe(401);
  expect((await server.call('GET', '/api/me', { headers: { 'x-api-key': key } })).status).toBe(401);
  const basic = Buffer.from(`${key}:`).toString('base64');
  expect((await server.call('GET', '/api/me', { headers: { authorization: `Basic ${basic}` } })).status).toBe(401);
});

describe('attack 21: a key that may do less', () => {
  test('does just that, and says which scope it lacks', async () => {
    const reader = await server.addKey(user, { scopes: ['read'] });
    expect((await reader.call('GET', '/api/workflows')).status).toBe(200);
    const refused = await reader.call('POST', '/api/workflows', {
      body: { name: 'x', data: { nodes: [], edges: [] } },
    });
    expect(refused).toMatchObject({ status: 403, body: { code: 'SCOPE_MISSING' } });
    expect(refused.body.detail).toContain('"write"');
  });

  test('cannot make a key that may do more or lives longer', async () => {
    const soon = new Date(Date.now() + 3_600_000);
    const writer = await server.addKey(user, { scopes: ['write'], expiresAt: soon });
    const make = (body: object) => writer.call('POST', '/api/keys', { body: { name: 'k', ...body } });
    expect((await make({ scopes: ['read', 'write'] })).body.code).toBe('SCOPE_MISSING');
    expect((await make({ expiresAt: new Date(soon.getTime() + 1_000).toISOString() })).body.code).toBe('SCOPE_MISSING');
    expect((await make({})).body).toMatchObject({ scopes: ['write'], expiresAt: soon.toISOString() });
    expect((await make({ expiresAt: '2001-01-01T00:00:00Z' })).body.code).toBe('REQUEST_INVALID');
    for (const scopes of [[], ['admin'], ['write', 'write', 'write', 'write'], 'write']) {
      expect((await make({ scopes })).status).toBe(400);
    }
  });

  test('never touches the account: password, sessions and members need a person', async () => {
    const owner = await server.addUser('owner');
    for (const [method, path, body] of [
      ['PUT', '/api/me/password', { newPassword: 'a long enough password' }],
      ['GET', '/api/sessions', undefined],
      ['POST', '/api/invitations', { email: 'm@example.com', role: 'owner' }],
      ['PUT', `/api/members/${user.id}`, { role: 'owner' }],
    ] as const) {
      const answer = await owner.call(method, path, { body });
      expect({ path, status: answer.status, code: answer.body.code }).toEqual({
        path,
        status: 403,
        code: 'SCOPE_MISSING',
      });
    }
  });
});

test('attack 21: a key ends by itself at its time, for requests and for live connections', async () => {
  const key = await server.addKey(user, { expiresAt: new Date(Date.now() + 3_600_000) });
  expect((await key.call('GET', '/api/me')).status).toBe(200);
  const socket = await connect(server.url, key.key);
  // Its hour is over.
  await server.database.pool.query(`update api_keys set expires_at = now() where key_hash = $1`, [hashSecret(key.key)]);
  await eventually(() => !socket.connected);
  await eventually(async () => (await key.call('GET', '/api/me')).body.code === 'AUTH_INVALID');
});

test('attack 21: revoking a key takes its live connections at once, on every server', async () => {
  // Looks at the connections only every hour by itself: what drops them is the news.
  const second = await server.startAnother({ socketRecheckMs: 3_600_000 });
  try {
    const created = (await user.call('POST', '/api/keys', { body: { name: 'live' } })).body;
    const others = await connect(second.url, user.key);
    const socket = await connect(second.url, created.key);
    expect((await user.call('DELETE', `/api/keys/${created.id}`)).status).toBe(204);
    await eventually(() => !socket.connected);
    expect(others.connected).toBe(true);
    others.disconnect();
  } finally {
    await second.stop();
  }
});

test('attack 21: guessing keys ends in 429 for the guesser’s address, while right keys go on', async () => {
  const { burst } = rateTable(server.config).badCredential;
  const codes: string[] = [];
  // One more a second is allowed meanwhile: a slow machine needs more guesses.
  while (!codes.includes('RATE_LIMITED') && codes.length < 10 * burst) {
    const wrong = Array.from({ length: 20 }, (_, i) => `hdl_${String(codes.length + i).padStart(43, 'A')}`);
    const answers = await Promise.all(wrong.map((key) => server.call('GET', '/api/me', withKey(key))));
    codes.push(...answers.map(({ body }) => body.code));
  }
  expect(codes.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 'AUTH_INVALID'));
  expect(codes).toContain('RATE_LIMITED');
  // The handshake of a live connection is no way around it.
  const handshakes = await Promise.allSettled(
    Array.from({ length: 50 }, () => connect(server.url, `hdl_${'B'.repeat(43)}`)),
  );
  expect(handshakes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(handshakes.map((one) => String('reason' in one && one.reason)).join()).toContain('RATE_LIMITED');
  expect((await user.call('GET', '/api/me')).status).toBe(200);
  (await connect(server.url, user.key)).disconnect();
});

async function connect(url: string, key: string): Promise<Socket> {
  const socket = io(url, { auth: { token: key }, transports: ['websocket'], reconnection: false, forceNew: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('connect_error', reject);
  });
  return socket;
}
