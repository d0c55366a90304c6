import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { eventually } from '../testing/eventually.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let owner: TestUser;

beforeEach(async () => {
  owner = await server.signIn(await server.addUser('owner'));
});
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

let count = 0;
const newEmail = () => `guest${(count += 1)}@example.com`;
const tokenIn = ({ body }: { body: { path: string } }) => /#token=([\w-]{43})$/.exec(body.path)?.[1] ?? '';
const cookieOf = (headers: Headers) => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const password = 'correct horse battery';

const invite = (email: string, role = 'member') => owner.call('POST', '/api/invitations', { body: { email, role } });
const accept = (token: string, more: object = {}) =>
  server.call('POST', '/api/auth/accept-invitation', { body: { token, password, ...more } });
const meBy = async (cookie: string) => server.call('GET', '/api/me', { headers: { cookie } });

describe('an invitation', () => {
  test('lets one person in, in the role it names, by a link that works once', async () => {
    const email = newEmail();
    const invited = await invite(email.toUpperCase(), 'viewer');
    expect(invited).toMatchObject({ status: 201, body: { email, role: 'viewer' } });
    const token = tokenIn(invited);
    const shown = await server.call('POST', '/api/auth/show-invitation', { body: { token } });
    expect(shown.body).toEqual({ email, role: 'viewer', expiresAt: invited.body.expiresAt });
    const answers = await Promise.all([accept(token, { firstName: 'Ada' }), accept(token)]);
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '404']);
    const joined = answers.find(({ status }) => status === 200)!;
    expect(joined.body).toMatchObject({ email, role: 'viewer', hasPassword: true });
    expect((await meBy(cookieOf(joined.headers))).body.email).toBe(email);
    expect((await server.call('POST', '/api/auth/sign-in', { body: { email, password } })).status).toBe(200);
    expect((await owner.call('GET', '/api/invitations')).body.items).toEqual([]);
    expect((await owner.call('GET', '/api/members')).text).toContain(email);
  });

  test('that was withdrawn, is too old or made up lets nobody in', async () => {
    const email = newEmail();
    const withdrawn = await invite(email);
    expect((await owner.call('DELETE', `/api/invitations/${withdrawn.body.id}`)).status).toBe(204);
    const replaced = await invite(newEmail());
    const late = await invite(newEmail());
    await server.database.pool.query(`update invitations set expires_at = now() where id = any($1)`, [
      [late.body.id, replaced.body.id],
    ]);
    for (const token of [tokenIn(withdrawn), tokenIn(late), 'x'.repeat(43)]) {
      expect((await accept(token)).body.code).toBe('INVITATION_NOT_FOUND');
      const shown = await server.call('POST', '/api/auth/show-invitation', { body: { token } });
      expect(shown.body.code).toBe('INVITATION_NOT_FOUND');
    }
    expect((await owner.call('DELETE', `/api/invitations/${withdrawn.body.id}`)).body.code).toBe(
      'INVITATION_NOT_FOUND',
    );
  });

  test('takes the place of an older one for the same address, and is refused where there is an account', async () => {
    const email = newEmail();
    const [first, second] = [await invite(email), await invite(email, 'owner')];
    expect((await accept(tokenIn(first))).status).toBe(404);
    expect((await accept(tokenIn(second))).body.role).toBe('owner');
    expect((await invite(email)).body.code).toBe('EMAIL_TAKEN');
  });

  test('wants a password that is not weak, and stays good when one was refused', async () => {
    const token = tokenIn(await invite(newEmail()));
    expect((await accept(token, { password: 'password1' })).body.code).toBe('PASSWORD_WEAK');
    expect((await accept(token)).status).toBe(200);
  });
});

describe('a member', () => {
  test('who is removed is out at once, sessions, keys, links and live connections alike; what they made stays', async () => {
    const email = newEmail();
    const cookie = cookieOf((await accept(tokenIn(await invite(email)))).headers);
    const headers = { cookie };
    const made = await server.call('POST', '/api/workflows', { body: { name: 'kept', data: smallGraph() }, headers });
    const { key } = (await server.call('POST', '/api/keys', { body: { name: 'k' }, headers })).body;
    const { id } = (await meBy(cookie)).body;
    const link = tokenIn(await owner.call('POST', `/api/members/${id}/sign-in-link`));
    const sockets = [{ auth: { token: key } }, { extraHeaders: headers }].map((options) =>
      io(server.url, { ...options, transports: ['websocket'], reconnection: false, forceNew: true }),
    );
    await eventually(() => sockets.every((socket) => socket.connected));
    expect((await owner.call('DELETE', `/api/members/${id}`)).status).toBe(204);
    await eventually(() => sockets.every((socket) => !socket.connected));
    expect((await meBy(cookie)).body.code).toBe('AUTH_INVALID');
    const withKey = { headers: { authorization: `Bearer ${key}` } };
    expect((await server.call('GET', '/api/me', withKey)).body.code).toBe('AUTH_INVALID');
    for (const body of [{ email, password }, { token: link }]) {
      expect((await server.call('POST', '/api/auth/sign-in', { body })).body.code).toBe('AUTH_INVALID');
    }
    expect((await owner.call('GET', '/api/members')).text).not.toContain(email);

    const back = cookieOf(
      (await accept(tokenIn(await invite(email, 'viewer')), { password: 'another good one' })).headers,
    );
    expect((await meBy(back)).body).toMatchObject({ id, role: 'viewer' });
    const kept = await server.call('GET', `/api/workflows/${made.body.id}`, { headers: { cookie: back } });
    expect(kept.body.name).toBe('kept');
    expect((await server.call('GET', '/api/me', withKey)).status).toBe(401);
  });

  test('gets another role, which counts from the next request on', async () => {
    const member = await server.addUser();
    const create = () => member.call('POST', '/api/workflows', { body: { name: 'x', data: smallGraph() } });
    expect((await create()).status).toBe(201);
    const setRole = (role: string) => owner.call('PUT', `/api/members/${member.id}`, { body: { role } });
    expect((await setRole('viewer')).status).toBe(204);
    expect((await create()).body.code).toBe('SCOPE_MISSING');
    expect((await member.call('GET', '/api/workflows')).status).toBe(200);
    expect((await setRole('owner')).status).toBe(204);
    expect((await member.call('GET', '/api/workers')).status).toBe(200);
    expect((await owner.call('PUT', '/api/members/nobody', { body: { role: 'viewer' } })).body.code).toBe(
      'MEMBER_NOT_FOUND',
    );
  });

  test('who forgot the password comes in by a link of an owner and sets a new one', async () => {
    const email = newEmail();
    const { id } = (await accept(tokenIn(await invite(email)))).body;
    const lost = tokenIn(await owner.call('POST', `/api/members/${id}/sign-in-link`));
    const token = tokenIn(await owner.call('POST', `/api/members/${id}/sign-in-link`));
    const cookie = cookieOf((await server.call('POST', '/api/auth/sign-in', { body: { token } })).headers);
    const changed = await server.call('PUT', '/api/me/password', {
      body: { newPassword: 'a brand new password' },
      headers: { cookie },
    });
    expect(changed.status).toBe(204);
    // A link that is still about would get past the new password.
    expect((await server.call('POST', '/api/auth/sign-in', { body: { token: lost } })).status).toBe(401);
    const signIn = (given: string) => server.call('POST', '/api/auth/sign-in', { body: { email, password: given } });
    expect((await signIn(password)).status).toBe(401);
    expect((await signIn('a brand new password')).status).toBe(200);
  });
});

test('the last owner can neither be removed nor demoted, not even by two owners at once', async () => {
  const alone = await startTestServer();
  try {
    const [one, two] = [await alone.addUser('owner'), await alone.addUser('owner')];
    // The account that a first start makes for whoever opens its link.
    await alone.database.pool.query(`update users set role = 'member' where email = 'owner@localhost'`);
    const [first, second] = [await alone.signIn(one), await alone.signIn(two)];
    const answers = await Promise.all([
      first.call('PUT', `/api/members/${two.id}`, { body: { role: 'member' } }),
      second.call('DELETE', `/api/members/${one.id}`),
    ]);
    const codes = answers.map(({ status, body }) => (status === 204 ? 'done' : body.code));
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    const { rows } = await alone.database.pool.query(
      `select id from users where role = 'owner' and removed_at is null`,
    );
    expect(rows).toHaveLength(1);
    const last = rows[0].id === one.id ? first : second;
    expect((await last.call('DELETE', `/api/members/${last.id}`)).body.code).toBe('LAST_OWNER');
    expect((await last.call('PUT', `/api/members/${last.id}`, { body: { role: 'viewer' } })).body.code).toBe(
      'LAST_OWNER',
    );
  } finally {
    await alone.stop();
  }
});

describe('an account', () => {
  test('changes its password only with the present one, and every other session ends', async () => {
    const email = newEmail();
    const first = cookieOf((await accept(tokenIn(await invite(email)))).headers);
    const signedIn = await server.call('POST', '/api/auth/sign-in', { body: { email, password } });
    const second = cookieOf(signedIn.headers);
    const change = (currentPassword: string | undefined) =>
      server.call('PUT', '/api/me/password', {
        body: { newPassword: 'a brand new password', ...(currentPassword === undefined ? {} : { currentPassword }) },
        headers: { cookie: second },
      });
    for (const wrong of [undefined, 'wrong']) {
      expect(await change(wrong)).toMatchObject({ status: 403, body: { code: 'PASSWORD_WRONG' } });
    }
    const changed = await change(password);
    expect(changed.status).toBe(204);
    const statuses = [first, second, cookieOf(changed.headers)].map(async (cookie) => (await meBy(cookie)).status);
    expect(await Promise.all(statuses)).toEqual([401, 401, 200]);
  });

  test('sees its sessions, ends one, and ends all others', async () => {
    const user = await server.addUser();
    const [here, there, elsewhere] = [await server.signIn(user), await server.signIn(user), await server.signIn(user)];
    const { items } = (await here.call('GET', '/api/sessions')).body;
    expect(items).toHaveLength(3);
    expect(items.filter((session: { current: boolean }) => session.current)).toHaveLength(1);
    const idOf = async (session: TestUser) =>
      (await session.call('GET', '/api/sessions')).body.items.find((item: { current: boolean }) => item.current).id;
    expect((await here.call('DELETE', `/api/sessions/${await idOf(there)}`)).status).toBe(204);
    expect((await there.call('GET', '/api/me')).status).toBe(401);
    expect((await elsewhere.call('GET', '/api/me')).status).toBe(200);
    expect((await here.call('POST', '/api/auth/sign-out-everywhere')).status).toBe(204);
    expect((await elsewhere.call('GET', '/api/me')).status).toBe(401);
    expect((await here.call('GET', '/api/sessions')).body.items).toHaveLength(1);
  });

  test('changes its name freely, its address only with the password and to one that is free', async () => {
    const email = newEmail();
    const cookie = cookieOf((await accept(tokenIn(await invite(email)))).headers);
    const change = (body: object) => server.call('PUT', '/api/me', { body, headers: { cookie } });
    expect((await change({ firstName: ' Grace ', lastName: 'Hopper' })).body).toMatchObject({
      firstName: 'Grace',
      lastName: 'Hopper',
    });
    expect((await change({ lastName: '' })).body).toMatchObject({ firstName: 'Grace', lastName: null });
    const moved = newEmail();
    expect((await change({ email: moved })).body.code).toBe('PASSWORD_WRONG');
    expect((await change({ email: owner.email, currentPassword: password })).body.code).toBe('EMAIL_TAKEN');
    expect((await change({ email: moved, currentPassword: password })).body.email).toBe(moved);
    expect((await meBy(cookie)).body).toMatchObject({ email: moved, firstName: 'Grace' });
    expect((await change({ email: 'no address' })).status).toBe(400);
  });
});

test('a session cookie is marked Secure where browsers come by https, and browsers are held to it', async () => {
  const secure = await startTestServer({ PUBLIC_URL: 'https://heddle.example' });
  try {
    const someone = await secure.addUser('owner');
    const signedIn = await secure.signIn(someone);
    const renewed = await signedIn.call('PUT', '/api/me/password', { body: { newPassword: 'a brand new password' } });
    expect(renewed.headers.get('set-cookie')).toMatch(/;\s*HttpOnly;\s*Secure;\s*SameSite=Lax/i);
    expect(renewed.headers.get('strict-transport-security')).toContain('max-age=15552000');
    expect((await server.call('GET', '/')).headers.get('strict-transport-security')).toBeNull();
  } finally {
    await secure.stop();
  }
});
