import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cheapPasswordHash } from '../../testing/cheap-password.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { insertUserOnce } from '../../db/users/insert.ts';
import { insertSession } from '../../db/sessions/insert.ts';
import { createSignInToken } from '../auth/bootstrap.ts';
import { createPasswordChecker } from '../auth/check-password.ts';
import { hashPassword, hashPasswordNow, verifyPassword, type Derive } from '../auth/password.ts';
import { hashSecret } from '../auth/secrets.ts';
import { readConfig } from '../config.ts';

let server: TestServer;
const email = 'ada@example.com';
const password = 'correct horse battery';
/** Accounts at which somebody guesses. */
const guessed = 'guess@example.com';
const others = Array.from({ length: 60 }, (_, i) => `g${i + 40}@example.com`);

beforeAll(async () => {
  server = await startTestServer();
  const passwordHash = cheapPasswordHash(password);
  for (const each of [email, guessed, ...others]) {
    await insertUserOnce(server.database.db, { id: `user_${each}`, email: each, role: 'member', passwordHash });
  }
});
afterAll(() => server.stop());

const signIn = (body: object, headers: Record<string, string> = {}) =>
  server.call('POST', '/api/auth/sign-in', { body, headers });
const cookieOf = (headers: Headers) => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';

test('attack 17: a hundred wrong passwords get ten tries, then 429; other accounts go on', async () => {
  const guess = (i: number) => signIn({ email: guessed, password: `wrong ${i}` });
  const codes: string[] = [];
  // One by one, as a guesser would.
  for (let i = 0; i < 10; i += 1) codes.push((await guess(i)).body.code);
  expect(codes).toEqual(Array.from({ length: 10 }, () => 'AUTH_INVALID'));
  for (let i = 10; i < 40; i += 1) {
    const refused = await guess(i);
    expect({ i, status: refused.status, code: refused.body.code }).toEqual({ i, status: 429, code: 'RATE_LIMITED' });
    // 10 in 15 minutes: the next try is a minute and a half away.
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
  }
  expect((await signIn({ email, password })).status).toBe(200);
  // From here on the address itself is slowed down, whatever the account.
  for (const other of others) expect([401, 429]).toContain((await signIn({ email: other, password: 'x' })).status);
  expect((await signIn({ email: 'fresh@example.com', password: 'x' })).status).toBe(429);
});

test('attack 17: for an unknown user as much is derived as for a wrong password, so that both take as long', async () => {
  const derived: object[] = [];
  const derive: Derive = async (_password, _salt, keyBytes, options) => {
    derived.push({ keyBytes, options });
    return new Uint8Array(keyBytes);
  };
  const stored = await hashPassword(password, async (_password, _salt, keyBytes) => new Uint8Array(keyBytes).fill(1));
  expect(await verifyPassword('wrong', stored, derive)).toBe(false);
  expect(await verifyPassword('wrong', null, derive)).toBe(false);
  expect(derived).toHaveLength(2);
  expect(derived[1]).toEqual(derived[0]);
});

test('attack 17: a guess at what is stored takes a quarter of a second and 32 MiB', async () => {
  const passwords = createPasswordChecker();
  const stored = await passwords.hashNew(
    password,
    email,
    { network: '::1', account: email, isKnown: true },
    new AbortController().signal,
  );
  await passwords.stop();
  expect(stored.split('$').slice(0, 4)).toEqual(['scrypt', String(2 ** 15), '8', '3']);
});

describe('attack 17: with a server of its own', () => {
  let fresh: TestServer;
  beforeAll(async () => {
    fresh = await startTestServer();
    const passwordHash = cheapPasswordHash(password);
    await insertUserOnce(fresh.database.db, { id: 'user_ada', email, role: 'member', passwordHash });
  });
  afterAll(() => fresh.stop());
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fresh.call('POST', path, { body, headers });

  test('an unknown user is answered like a wrong password', async () => {
    const answer = (body: object) => post('/api/auth/sign-in', body);
    const wrong = await answer({ email, password: 'wrong' });
    const unknown = await answer({ email: 'nobody@example.com', password: 'wrong' });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'AUTH_INVALID' } });
    expect({ ...unknown.body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' });
  });

  test('a session that was planted is not taken over, and the one a browser came with ends', async () => {
    const planted = 'heddle_session=planted';
    const first = cookieOf((await post('/api/auth/sign-in', { email, password }, { cookie: planted })).headers);
    expect(first).not.toBe(planted);
    const second = cookieOf((await post('/api/auth/sign-in', { email, password }, { cookie: first })).headers);
    expect(second).not.toBe(first);
    const status = async (cookie: string) => (await fresh.call('GET', '/api/me', { headers: { cookie } })).status;
    expect([await status(planted), await status(first), await status(second)]).toEqual([401, 401, 200]);
  });

  test('security case 8: a browser that has signed in before gets in while others guess at its account', async () => {
    const first = await post('/api/auth/sign-in', { email, password });
    const [, known = ''] =
      /(heddle_known_\w+=[\w-]+); [^,]*Path=\/api\/auth/.exec(first.headers.get('set-cookie') ?? '') ?? [];
    expect(known).not.toBe('');
    const guesses = await Promise.all(
      Array.from({ length: 14 }, (_, i) => post('/api/auth/sign-in', { email, password: `wrong ${i}` })),
    );
    expect(guesses.map(({ status }) => status)).not.toContain(200);
    expect(guesses.at(-1)!.status).toBe(429);
    const again = await post('/api/auth/sign-in', { email, password }, { cookie: known });
    expect(again.status).toBe(200);
    // It is not asked to keep another one, and the token is nobody else's way past the limits.
    expect(again.headers.get('set-cookie')).not.toContain('heddle_known_');
    const other = { email: 'other@example.com', password: 'x' };
    expect((await post('/api/auth/sign-in', other, { cookie: known })).status).toBe(401);
  });

  test('a weak password is refused wherever one is chosen', async () => {
    const token = await createSignInToken(fresh.database.db, 'user_ada', null);
    const cookie = cookieOf((await post('/api/auth/sign-in', { token })).headers);
    for (const newPassword of ['short', 'password123', 'changeme', 'aaaaaaaaaaaa', '12345678', email]) {
      const answer = await fresh.call('PUT', '/api/me/password', { body: { newPassword }, headers: { cookie } });
      expect({ newPassword, status: answer.status, code: answer.body.code }).toEqual({
        newPassword,
        status: 422,
        code: 'PASSWORD_WEAK',
      });
    }
    expect((await fresh.call('GET', '/api/me', { headers: { cookie } })).status).toBe(200);
  });
});

test.each(['password', 'changeme', 'admin123', '12345678', 'heddle123', 'boss', 'aaaaaaaa'])(
  'attack 17: the process does not start with the default secret %s, and does not repeat it',
  (secret) => {
    const env = {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      BOOTSTRAP_EMAIL: 'boss@example.com',
      BOOTSTRAP_PASSWORD: secret,
    };
    expect(() => readConfig(env)).toThrow(/BOOTSTRAP_PASSWORD is too easy to guess/);
    if (secret !== 'password') expect(() => readConfig(env)).not.toThrow(new RegExp(secret));
  },
);

describe('attack 17: a change of password', () => {
  let changing: TestServer;
  let cookie: string;
  const next = 'another long enough password 9';
  beforeAll(async () => {
    changing = await startTestServer();
    await insertUserOnce(changing.database.db, {
      id: 'user_changing',
      email,
      role: 'member',
      passwordHash: hashPasswordNow(password),
    });
    cookie = cookieOf((await changing.call('POST', '/api/auth/sign-in', { body: { email, password } })).headers);
  });
  afterAll(() => changing.stop());

  test('leaves no session of those who were signing in with the old one, whichever comes first', async () => {
    const signIns = Array.from({ length: 4 }, () =>
      changing.call('POST', '/api/auth/sign-in', { body: { email, password } }),
    );
    const changed = changing.call('PUT', '/api/me/password', {
      body: { currentPassword: password, newPassword: next },
      headers: { cookie, origin: changing.url },
    });
    const answers = await Promise.all(signIns);
    expect((await changed).status).toBe(204);
    for (const answer of answers) {
      if (answer.status !== 200) continue;
      const me = await changing.call('GET', '/api/me', { headers: { cookie: cookieOf(answer.headers) } });
      expect(me.status).toBe(401);
    }
    const { rows } = await changing.database.pool.query(`select id from sessions where user_id = 'user_changing'`);
    expect(rows).toHaveLength(1);
    expect(
      (await changing.database.pool.query(`select from known_browsers where user_id = 'user_changing'`)).rows,
    ).toHaveLength(1);
  });

  test('refuses a session whose password was checked before it', async () => {
    const session = {
      userId: 'user_changing',
      ttlMs: 60_000,
      userAgent: null,
      address: null,
      method: 'password' as const,
    };
    const of = (passwordHash: string) =>
      insertSession(changing.database.db, {
        ...session,
        id: randomUUID(),
        tokenHash: hashSecret(randomUUID()),
        passwordHash,
      });
    expect(await of(hashPasswordNow(password))).toBe(false);
    const { rows } = await changing.database.pool.query(`select password_hash from users where id = 'user_changing'`);
    expect(await of(rows[0].password_hash)).toBe(true);
  });
});
