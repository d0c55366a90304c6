import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { insertUserOnce } from '../db/users/insert.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { createSignInLink } from './auth/bootstrap.ts';
import { hashPasswordNow } from './auth/password.ts';

let server: TestServer;
const email = 'Ada@Example.com';
const password = 'correct horse battery';

beforeAll(async () => {
  server = await startTestServer();
  await insertUserOnce(server.database.db, {
    id: 'user_ada',
    email: email.toLowerCase(),
    role: 'member',
    passwordHash: hashPasswordNow(password),
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
    const token = new URL(link).hash.split('=')[1];
    expect(link.startsWith(`${server.url}/sign-in#token=`)).toBe(true);
    const answers = await Promise.all(Array.from({ length: 5 }, () => signIn({ token })));
    expect(answers.map((answer) => String(answer.status)).toSorted()).toEqual(['200', '401', '401', '401', '401']);
  });

  test('that is too old or made up does not work', async () => {
    const token = new URL(await createSignInLink(server.database.db, 'user_ada', server.url)).hash.split('=')[1];
    await server.database.pool.query(`update sign_in_tokens set expires_at = now() - interval '1 second'`);
    expect((await signIn({ token })).body.code).toBe('AUTH_INVALID');
    expect((await signIn({ token: 'x'.repeat(43) })).body.code).toBe('AUTH_INVALID');
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
