import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { io } from 'socket.io-client';
import {
  SignInBrowser,
  startIdentityProvider,
  startLyingProvider,
  testClient,
  type IdentityProvider,
  type Lie,
  type LyingProvider,
} from '../testing/identity-provider.ts';
import { eventually } from '../testing/eventually.ts';
import { createWorkspace } from '../db/workspaces/create.ts';
import { addWorkspaceMember } from '../db/workspaces/members.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let real: IdentityProvider;
let lying: LyingProvider;
let server: TestServer;

/** Workspaces that groups lead into; the other one does not exist. */
const [studio, gone] = ['workspace_studio', 'workspace_gone'];

beforeAll(async () => {
  [real, lying] = await Promise.all([startIdentityProvider(), startLyingProvider()]);
  const roles = { owner: ['admins'], member: ['staff'], viewer: ['guests'] };
  server = await startTestServer({
    // Browsers of this test say which address they have.
    TRUST_PROXY: '1',
    OIDC_PROVIDERS: JSON.stringify([
      {
        ...testClient,
        id: 'company',
        name: 'Company',
        issuer: real.issuer,
        scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
        roles,
        workspaces: { [studio]: { editor: ['designers'], viewer: ['staff'] }, [gone]: { admin: ['staff'] } },
        recheckMinutes: 0,
      },
      { ...testClient, id: 'liar', name: 'Liar', issuer: lying.issuer, roles },
    ]),
  });
  // It warns of its own forms, which are for tests.
  const told = [jest.spyOn(console, 'warn'), jest.spyOn(console, 'info')].map((spy) =>
    spy.mockImplementation(() => {}),
  );
  real.register(server.url, 'company');
  for (const spy of told) spy.mockRestore();
});
beforeEach(() => {
  lying.lie = 'nothing';
  real.people.clear();
});
afterAll(async () => {
  await server.stop();
  await Promise.all([real.stop(), lying.stop()]);
});

const start = (id: string, next?: string) =>
  `${server.url}/api/auth/oidc/${id}/start${next === undefined ? '' : `?next=${encodeURIComponent(next)}`}`;
const isApp = (url: URL) => url.origin === server.url && !url.pathname.startsWith('/api/');
const isCallback = (url: URL) => url.pathname.endsWith('/callback');

/** Through the forms of the real provider and back; the browser and the page where it ends. */
async function comeIn(name: string, next?: string) {
  const browser = new SignInBrowser();
  const form = await browser.open(start('company', next));
  return { browser, page: await browser.passForms(form, name, isApp) };
}

async function asks(browser: SignInBrowser, path = '/api/me') {
  const url = new URL(path, server.url);
  return server.call('GET', path, { headers: { cookie: browser.cookies(url) } });
}

/** Out to the lying provider, and back with whatever it answers. */
async function comeBack(lie: Lie, change: (url: URL) => void = () => {}) {
  const browser = new SignInBrowser();
  const { location } = await browser.open(start('liar'), { stopAt: (url) => url.origin === lying.issuer });
  lying.nonce = location!.searchParams.get('nonce')!;
  lying.lie = lie;
  const callback = new URL(location!.searchParams.get('redirect_uri')!);
  callback.searchParams.set('code', 'a-code');
  callback.searchParams.set('state', location!.searchParams.get('state')!);
  callback.searchParams.set('iss', lying.issuer);
  change(callback);
  const answer = await browser.open(callback.href, { stopAt: isApp });
  return { browser, callback, page: `${answer.location?.pathname}${answer.location?.search}` };
}

const passDue = (email: string) =>
  server.database.pool.query(
    `update sessions set recheck_at = now() from users where users.id = sessions.user_id and users.email = $1`,
    [email],
  );

test('the web app is told of the providers, and of nothing secret', async () => {
  const { body, text } = await server.call('GET', '/api/config');
  expect(body.auth.providers).toEqual([
    { id: 'company', name: 'Company' },
    { id: 'liar', name: 'Liar' },
  ]);
  expect(text).not.toContain(testClient.clientSecret);
});

describe('through a real provider', () => {
  test('somebody comes in with the role of the highest of their groups, and lands on the page they wanted', async () => {
    real.people.set('ann', {
      email: 'ann@example.org',
      email_verified: true,
      given_name: 'Ann',
      groups: ['guests', 'staff'],
    });
    const { browser, page } = await comeIn('ann', '/workflows/7?panel=runs');
    expect(`${page.pathname}${page.search}`).toBe('/workflows/7?panel=runs');
    expect((await asks(browser)).body).toMatchObject({
      email: 'ann@example.org',
      firstName: 'Ann',
      role: 'member',
      via: 'session',
      hasPassword: false,
    });
    const { rows } = await server.database.pool.query(
      `select o.sealed_refresh_token, s.method from oidc_sessions o join sessions s on s.id = o.session_id`,
    );
    expect(rows).toMatchObject([{ method: 'oidc' }]);
    expect(rows[0].sealed_refresh_token).not.toBeNull();
  });

  test('a verified address is that of the account that is there already; one that is not verified is not', async () => {
    const ben = await server.addUser();
    const eve = await server.addUser();
    real.people.set('ben', { email: ben.email, email_verified: true, groups: ['staff'] });
    real.people.set('eve', { email: eve.email, email_verified: false, groups: ['staff'] });
    expect((await asks((await comeIn('ben')).browser)).body.id).toBe(ben.id);
    expect((await asks((await comeIn('eve')).browser)).body.id).not.toBe(eve.id);
  });

  test('attack 16: whoever gives their account the address of another person does not get that person in it', async () => {
    const mallory = await server.signIn(await server.addUser());
    const victim = 'the-boss@example.org';
    expect(await mallory.call('PUT', '/api/me', { body: { email: victim } })).toMatchObject({ status: 200 });
    real.people.set('boss', { email: victim, email_verified: true, groups: ['admins'] });
    const { body } = await asks((await comeIn('boss')).browser);
    expect(body).toMatchObject({ role: 'owner' });
    expect(body.id).not.toBe(mallory.id);
    expect((await mallory.call('GET', '/api/me')).body.role).toBe('member');
  });

  test('an owner who wrote the address themselves comes into their own account', async () => {
    const owner = await server.signIn(await server.addUser('owner'));
    const email = 'own-address@example.org';
    expect(await owner.call('PUT', '/api/me', { body: { email } })).toMatchObject({ status: 200 });
    real.people.set('own', { email, email_verified: true, groups: ['admins'] });
    expect((await asks((await comeIn('own')).browser)).body).toMatchObject({ id: owner.id, role: 'owner' });
  });

  test('who is in no group is not let in, and no account is made', async () => {
    real.people.set('zoe', { email: 'zoe@example.org', email_verified: true, groups: ['others'] });
    const { browser, page } = await comeIn('zoe');
    expect(`${page.pathname}${page.search}`).toBe('/sign-in?error=no-group');
    expect((await asks(browser)).status).toBe(401);
    const { rows } = await server.database.pool.query(`select from users where email = 'zoe@example.org'`);
    expect(rows).toHaveLength(0);
  });

  test('who loses the group is refused at the next request, their live connection ends, and nobody else loses anything', async () => {
    for (const name of ['kim', 'lee']) {
      real.people.set(name, { email: `${name}@example.org`, email_verified: true, groups: ['staff'] });
    }
    const [kim, lee] = [await comeIn('kim'), await comeIn('lee')];
    const socket = io(server.url, {
      extraHeaders: { cookie: kim.browser.cookies(new URL(server.url)) },
      transports: ['websocket'],
      reconnection: false,
    });
    await eventually(async () => socket.connected);
    real.people.set('kim', { email: 'kim@example.org', email_verified: true, groups: [] });
    await Promise.all([passDue('kim@example.org'), passDue('lee@example.org')]);
    await eventually(async () => (await asks(kim.browser)).status === 401);
    await eventually(async () => !socket.connected);
    expect((await asks(lee.browser)).status).toBe(200);
    const { rows } = await server.database.pool.query(
      `select from sessions s join users u on u.id = s.user_id where u.email = 'kim@example.org'`,
    );
    expect(rows).toHaveLength(0);
  });

  test('a change of groups changes the role, without a new sign-in', async () => {
    real.people.set('max', { email: 'max@example.org', email_verified: true, groups: ['staff'] });
    const { browser } = await comeIn('max');
    expect((await asks(browser)).body.role).toBe('member');
    real.people.set('max', { email: 'max@example.org', email_verified: true, groups: ['guests'] });
    await passDue('max@example.org');
    await eventually(async () => (await asks(browser)).body.role === 'viewer');
  });

  test('groups bring people into workspaces with the highest role of theirs, and out again', async () => {
    const founder = await server.addUser();
    const { db } = server.database;
    await db
      .transaction()
      .execute((trx) => createWorkspace(trx, { id: studio, name: 'Studio', createdBy: founder.id }));
    const joined = async (browser: SignInBrowser) => {
      const { items } = (await asks(browser, '/api/workspaces')).body;
      return (items as { name: string; role: string }[]).slice(1).map(({ name, role }) => `${name}: ${role}`);
    };
    const email = 'uma@example.org';
    real.people.set('uma', { email, email_verified: true, groups: ['staff', 'designers'] });
    const { browser } = await comeIn('uma');
    expect(await joined(browser)).toEqual(['Studio: editor']);
    const made = await founder.call('POST', `/api/workflows?workspaceId=${studio}`, {
      body: { name: 'w', data: { nodes: [], edges: [] } },
    });
    const path = `/api/workflows/${made.body.id}`;
    expect((await asks(browser, path)).status).toBe(200);

    real.people.set('uma', { email, email_verified: true, groups: ['staff'] });
    await passDue(email);
    await eventually(async () => (await joined(browser)).join() === 'Studio: viewer');
    // Another group lets her stay in the installation; the group was what let her into the workspace.
    real.people.set('uma', { email, email_verified: true, groups: ['guests'] });
    await passDue(email);
    await eventually(async () => (await joined(browser)).length === 0);
    expect((await asks(browser, path)).status).toBe(404);
    // What an admin of the workspace gave stays where groups say nothing.
    const { id } = (await asks(browser)).body;
    await addWorkspaceMember(db, { workspaceId: studio, accountId: id, role: 'viewer', via: 'invited' });
    await passDue(email);
    await eventually(async () => (await joined(browser)).join() === 'Studio: viewer');
  });

  test('who is gone at the provider is refused', async () => {
    real.people.set('ned', { email: 'ned@example.org', email_verified: true, groups: ['staff'] });
    const { browser } = await comeIn('ned');
    expect((await asks(browser)).status).toBe(200);
    real.people.delete('ned');
    await passDue('ned@example.org');
    await eventually(async () => (await asks(browser)).status === 401);
  });

  test('the callback page loaded again uses the session that is there; without one it says that it is too late', async () => {
    real.people.set('pat', { email: 'pat@example.org', email_verified: true, groups: ['staff'] });
    const browser = new SignInBrowser();
    const callback = await browser.passForms(await browser.open(start('company')), 'pat', isCallback);
    expect((await browser.open(callback.href, { stopAt: isApp })).location!.pathname).toBe('/start');
    expect((await browser.open(callback.href, { stopAt: isApp })).location!.pathname).toBe('/');
    const other = await new SignInBrowser().open(callback.href, { stopAt: isApp });
    expect(other.location!.search).toBe('?error=expired');
  });

  test('signing out leads to the provider, which ends its session and leads back', async () => {
    real.people.set('sue', { email: 'sue@example.org', email_verified: true, groups: ['staff'] });
    const { browser } = await comeIn('sue');
    const cookie = browser.cookies(new URL(server.url));
    const { status, body } = await server.call('POST', '/api/auth/sign-out', {
      headers: { cookie, origin: server.url },
    });
    expect({ status, body }).toEqual({ status: 200, body: { next: '/api/auth/oidc/company/sign-out' } });
    expect((await asks(browser)).status).toBe(401);
    const { location } = await browser.open(`${server.url}${body.next}`, {
      stopAt: (url) => url.origin === real.issuer,
    });
    expect(location!.searchParams.get('post_logout_redirect_uri')).toBe(`${server.url}/sign-in`);
  });
});

describe('a provider that lies', () => {
  test('is believed while it tells the truth', async () => {
    const { browser, page } = await comeBack('nothing');
    expect(page).toBe('/start');
    expect((await asks(browser)).body).toMatchObject({ email: 'somebody@example.org', role: 'member' });
  });

  test.each<Lie>(['issuer', 'audience', 'nonce', 'unsigned', 'another key', 'expired', 'another person', 'down'])(
    'about: %s; nobody comes in',
    async (lie) => {
      const { browser, page } = await comeBack(lie);
      expect(page).toBe('/sign-in?error=failed');
      expect((await asks(browser)).status).toBe(401);
    },
  );

  test.each<[string, (url: URL) => void, string]>([
    ['in the name of another provider', (url) => url.searchParams.set('iss', real.issuer), 'failed'],
    ['without a name', (url) => url.searchParams.delete('iss'), 'failed'],
    ['with another state', (url) => url.searchParams.set('state', 'x'.repeat(43)), 'expired'],
    [
      'to the address of another provider',
      (url) => (url.pathname = url.pathname.replace('liar', 'company')),
      'expired',
    ],
    ['with a refusal', (url) => url.searchParams.set('error', 'access_denied'), 'refused'],
  ])('or answers %s: refused', async (_how, change, error) => {
    const { browser, page } = await comeBack('nothing', change);
    expect(page).toBe(`/sign-in?error=${error}`);
    expect((await asks(browser)).status).toBe(401);
  });

  test('an answer to a refresh that is silent about groups leaves them as they were', async () => {
    await server.database.pool.query(
      `delete from sessions using users u where u.id = user_id and u.email = 'somebody@example.org'`,
    );
    const { browser } = await comeBack('nothing');
    lying.lie = 'no word of groups';
    await passDue('somebody@example.org');
    expect((await asks(browser)).status).toBe(200);
    // It was asked: its time lies ahead again.
    const due = `select from sessions s join users u on u.id = s.user_id
                  where u.email = 'somebody@example.org' and s.recheck_at <= now()`;
    await eventually(async () => {
      const { status, body } = await asks(browser);
      expect({ status, role: body.role }).toEqual({ status: 200, role: 'member' });
      return (await server.database.pool.query(due)).rowCount === 0;
    });
  });

  test('another browser than the one that went out does not come in', async () => {
    const { callback } = await comeBack('nothing', (url) => url.searchParams.set('state', 'x'.repeat(43)));
    const page = await new SignInBrowser().open(callback.href, { stopAt: isApp });
    expect(page.location!.search).toBe('?error=expired');
  });

  test('each refusal is in the audit log, with the provider and the reason', async () => {
    await comeBack('nonce');
    const { rows } = await server.database.pool.query(
      `select details from audit_log where action = 'session.sign-in' and is_refused and details ->> 'reason' = 'failed'`,
    );
    expect(rows[0].details).toMatchObject({ method: 'oidc', provider: 'liar' });
  });
});

describe('a logout token', () => {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const send = (token: string) =>
    server.call('POST', '/api/auth/oidc/liar/back-channel-logout', {
      raw: new URLSearchParams({ logout_token: token }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });

  test('ends the sessions of its session at the provider', async () => {
    const { browser } = await comeBack('nothing');
    expect((await asks(browser)).status).toBe(200);
    expect((await send(await lying.logoutToken({ sid: 'their-session', events }))).status).toBe(200);
    expect((await asks(browser)).status).toBe(401);
  });

  test.each<[string, () => Promise<string>]>([
    ['of another key', () => lying.logoutToken({ sub: 'somebody', events }, { isForged: true })],
    ['that is an ID token', () => lying.logoutToken({ sub: 'somebody', events }, { typ: 'JWT' })],
    ['with a nonce', () => lying.logoutToken({ sub: 'somebody', nonce: 'n', events })],
    ['without the event', () => lying.logoutToken({ sub: 'somebody' })],
    ['that is none', async () => 'abc'],
  ])('%s ends nothing', async (_how, make) => {
    const { browser } = await comeBack('nothing');
    const { status, body } = await send(await make());
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'WEBHOOK_INVALID' });
    expect((await asks(browser)).status).toBe(200);
  });
});

test('a page of somebody else is no place to come back to', async () => {
  const { status } = await server.call('GET', `/api/auth/oidc/liar/start?next=${encodeURIComponent('//evil.example')}`);
  expect(status).toBe(400);
});
