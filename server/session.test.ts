import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { insertUserOnce } from '../db/queries/users.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { createSignInLink } from './auth/bootstrap.ts';
import { hashPassword } from './auth/password.ts';

let server: TestServer;
const email = 'Ada@Example.com';
const password = 'correct horse battery';

beforeAll(async () => {
  server = await startTestServer();
  await insertUserOnce(server.database.db, {
    id: 'user_ada',
    email: email.toLowerCase(),
    role: 'member',
    passwordHash: await hashPassword(password),
  });
});
afterAll(() => server.stop());

const signIn = (body: object, headers: Record<string, string> = {}) =>
  server.call('POST', '/api/auth/sign-in', { body, headers });
const cookieOf = (headers: Headers) => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';

describe('signing in with a password', () => {
  test('opens a session by a cookie that scripts cannot read, which works until signing out', async () => {
    const answer = await signIn({ email: ' ada@example.COM ', password });
    expect(answer).toMatchObject({ status: 200, body: { id: 'user_ada', via: 'session' } });
    expect(answer.headers.get('set-cookie')).toMatch(/^heddle_session=[\w-]{43};.*HttpOnly.*SameSite=Lax/i);
    const cookie = cookieOf(answer.headers);
    expect((await server.call('GET', '/api/me', { headers: { cookie } })).body.email).toBe('ada@example.com');
    const signedOut = await server.call('POST', '/api/auth/sign-out', { headers: { cookie } });
    expect(signedOut.status).toBe(204);
    expect((await server.call('GET', '/api/me', { headers: { cookie } })).body.code).toBe('AUTH_INVALID');
  });

  test('never keeps the cookie that somebody came with (session fixation)', async () => {
    const planted = 'heddle_session=planted';
    const answer = await signIn({ email, password }, { cookie: planted });
    expect(cookieOf(answer.headers)).not.toBe(planted);
    expect((await server.call('GET', '/api/me', { headers: { cookie: planted } })).status).toBe(401);
  });

  test('says the same, after about the same time, for a wrong password and an unknown user', async () => {
    const timed = async (body: object) => {
      const before = performance.now();
      const answer = await signIn(body);
      expect(answer).toMatchObject({ status: 401, body: { code: 'AUTH_INVALID' } });
      return { detail: answer.body.detail, ms: performance.now() - before };
    };
    const wrong = await timed({ email, password: 'wrong' });
    const unknown = await timed({ email: 'nobody@example.com', password: 'wrong' });
    expect(unknown.detail).toBe(wrong.detail);
    // Both hash a password; without that an unknown user would be answered in a few milliseconds.
    expect(unknown.ms).toBeGreaterThan(wrong.ms / 4);
  });

  test('is throttled per account: guessing ends after ten tries, while other accounts go on', async () => {
    const codes: string[] = [];
    for (let i = 0; i < 12; i += 1)
      codes.push((await signIn({ email: 'guess@example.com', password: `${i}` })).body.code);
    expect(codes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'AUTH_INVALID'));
    const refused = await signIn({ email: 'guess@example.com', password: 'x' });
    expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await signIn({ email, password })).status).toBe(200);
    // Each try hashes for a quarter of a second on an idle core, and the machine may be busy.
  }, 120_000);

  test('stores neither password nor session token in clear', async () => {
    const token = cookieOf((await signIn({ email, password })).headers).split('=')[1] ?? '';
    const { rows } = await server.database.pool.query<{ text: string }>(
      `select string_agg(t::text, ' ') as text from (
         select row_to_json(u)::text as t from users u union all select row_to_json(s)::text from sessions s) all_rows`,
    );
    expect(rows[0]!.text).not.toContain(password);
    expect(rows[0]!.text).not.toContain(token);
  });
});

describe('a sign-in link', () => {
  test('works once', async () => {
    const link = await createSignInLink(server.database.db, 'user_ada', server.url);
    const token = new URL(link).searchParams.get('token');
    expect(link.startsWith(`${server.url}/sign-in?token=`)).toBe(true);
    const answers = await Promise.all(Array.from({ length: 5 }, () => signIn({ token })));
    expect(answers.map((answer) => String(answer.status)).toSorted()).toEqual(['200', '401', '401', '401', '401']);
  });

  test('that is too old or made up does not work', async () => {
    const token = new URL(await createSignInLink(server.database.db, 'user_ada', server.url)).searchParams.get('token');
    await server.database.pool.query(`update sign_in_tokens set expires_at = now() - interval '1 second'`);
    expect((await signIn({ token })).body.code).toBe('AUTH_INVALID');
    expect((await signIn({ token: 'x'.repeat(43) })).body.code).toBe('AUTH_INVALID');
  });
});

describe('a request from a page of another site', () => {
  test.each([
    ['its Origin', { origin: 'https://evil.example' }],
    ['the Origin null', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:9' }],
    ['no Origin but Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }],
  ])('with a cookie and %s is refused before anything happens', async (_what, headers) => {
    const cookie = cookieOf((await signIn({ email, password })).headers);
    const answer = await server.call('POST', '/api/keys', {
      body: { name: 'stolen' },
      headers: { cookie, ...(headers as Record<string, string>) },
    });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 403, code: 'ORIGIN_NOT_ALLOWED' });
    expect((await signIn({ email, password }, headers as Record<string, string>)).status).toBe(403);
  });

  test('passes from our own page, and with an API key from anywhere', async () => {
    const cookie = cookieOf((await signIn({ email, password })).headers);
    const own = await server.call('POST', '/api/keys', {
      body: { name: 'own' },
      headers: { cookie, origin: server.url },
    });
    expect(own.status).toBe(201);
    const headers = { authorization: `Bearer ${own.body.key}`, origin: 'https://tools.example' };
    expect((await server.call('POST', '/api/keys', { body: { name: 'k' }, headers })).status).toBe(201);
  });
});

describe('an API key', () => {
  test('is shown once, stored hashed, notes its use, and is dead once revoked', async () => {
    const user = await server.addUser();
    const created = (await user.call('POST', '/api/keys', { body: { name: 'CI' } })).body;
    expect(created.key).toMatch(/^hdl_[A-Za-z0-9_-]{43}$/);
    expect(created).toMatchObject({ name: 'CI', prefix: created.key.slice(0, 12), lastUsedAt: null });
    const headers = { authorization: `Bearer ${created.key}` };
    expect((await server.call('GET', '/api/me', { headers })).body).toMatchObject({ id: user.id, via: 'api-key' });
    const listed = await user.call('GET', '/api/keys');
    expect(listed.text).not.toContain(created.key);
    const entry = listed.body.items.find((key: { id: string }) => key.id === created.id);
    expect(entry.lastUsedAt).not.toBeNull();
    const { rows } = await server.database.pool.query(`select encode(key_hash, 'escape') as hash from api_keys`);
    expect(JSON.stringify(rows)).not.toContain(created.key.slice(4));
    expect((await user.call('DELETE', `/api/keys/${created.id}`)).status).toBe(204);
    expect((await server.call('GET', '/api/me', { headers })).status).toBe(401);
  });

  test('in the query is not looked at', async () => {
    const user = await server.addUser();
    expect((await server.call('GET', `/api/me?key=${user.key}&access_token=${user.key}`)).status).toBe(401);
  });
});

describe('roles', () => {
  test('a viewer looks but does not touch, an owner sees the workers', async () => {
    const viewer = await server.addUser('viewer');
    const owner = await server.addUser('owner');
    expect((await viewer.call('GET', '/api/workflows')).status).toBe(200);
    expect((await viewer.call('POST', '/api/keys', { body: { name: 'x' } })).body.code).toBe('SCOPE_MISSING');
    expect((await owner.call('GET', '/api/workers')).body).toEqual({ items: [] });
    expect((await owner.call('GET', '/api/queues')).body.pools).toHaveLength(3);
  });
});
