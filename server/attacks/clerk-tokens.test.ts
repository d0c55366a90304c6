import { createHmac, generateKeyPairSync, randomUUID, sign as signBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { eventually } from '../../testing/eventually.ts';
import { createFakeClerk, rs256 } from '../../testing/clerk.ts';
import { guardedCases, openCases } from '../../testing/route-cases.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

/*
 * Clerk mode with keys made here: nothing is sent anywhere, and every request
 * that left for Clerk would fail the test, as there is nobody to answer it.
 */

const clerk = createFakeClerk();
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer(clerk.env);
});
afterAll(() => server.stop());

const now = () => Math.floor(Date.now() / 1_000);
const me = (token: string) => server.call('GET', '/api/me', { headers: { authorization: `Bearer ${token}` } });
const codeOf = async (token: string) => (await me(token)).body.code;

describe('attack 16: a good token', () => {
  test('is taken, makes the account at the first request, and has what its claims say', async () => {
    const sub = `user_${randomUUID()}`;
    const claims = { sub, email: 'Ada@Example.com', first_name: 'Ada', last_name: 'Lovelace' };
    const token = clerk.token({ claims });
    // A page asks for several things at once: still one account.
    const answers = await Promise.all(Array.from({ length: 5 }, () => me(token)));
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 200,
        body: { email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace', role: 'member', via: 'session' },
      });
    }
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const renamed = clerk.token({ claims: { ...claims, first_name: 'Augusta', iat: now() + 2 } });
    expect((await me(renamed)).body).toMatchObject({ id: answers[0]!.body.id, firstName: 'Augusta' });
    // The older token does not bring the older name back.
    expect((await me(token)).body.firstName).toBe('Augusta');
  });

  test('without custom claims, and with little else than a subject, a session and an end, is taken too', async () => {
    const sub = `user_${randomUUID()}`;
    const claims = { sub, iat: undefined, nbf: undefined, v: undefined, sts: undefined };
    expect((await me(clerk.token({ claims, header: { typ: undefined, kid: undefined } }))).body).toMatchObject({
      email: sub,
      role: 'member',
    });
  });

  test('works in the cookie that Clerk’s script keeps, for pictures; a change still needs our own page', async () => {
    const cookie = `__session=${clerk.token()}`;
    expect((await server.call('GET', '/api/me', { headers: { cookie } })).status).toBe(200);
    const stolen = { body: { name: 'x' }, headers: { cookie, origin: 'https://evil.example' } };
    expect((await server.call('POST', '/api/keys', stolen)).body.code).toBe('ORIGIN_NOT_ALLOWED');
  });

  test('makes API keys, which work beside it and are never taken for one of Clerk’s', async () => {
    const headers = { authorization: `Bearer ${clerk.token()}` };
    const made = await server.call('POST', '/api/keys', { body: { name: 'k', scopes: ['read'] }, headers });
    expect((await me(made.body.key)).body).toMatchObject({ via: 'api-key', scopes: ['read'] });
    expect(await codeOf(`hdl_${'A'.repeat(43)}`)).toBe('AUTH_INVALID');
    const cookie = `__session=${made.body.key}`;
    expect((await server.call('GET', '/api/me', { headers: { cookie } })).status).toBe(401);
  });
});

describe('attack 16: a token that is not good', () => {
  const { privateKey: foreignKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const edited = (token: string) => {
    const [header, payload = '', signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'user_somebody_else' })).toString('base64url');
    return [header, changed, signature].join('.');
  };
  const forOthers = () => clerk.token({ claims: { sid: undefined, sts: undefined, exp: now() + 365 * 86_400 } });
  const bad: readonly [string, () => string][] = [
    ['no token at all', () => 'garbage'],
    ['expired', () => clerk.token({ claims: { iat: now() - 120, exp: now() - 60 } })],
    ['without an end', () => clerk.token({ claims: { exp: undefined } })],
    ['not good yet', () => clerk.token({ claims: { nbf: now() + 60 } })],
    ['made in the future', () => clerk.token({ claims: { iat: now() + 60 } })],
    ['signed by another key', () => clerk.token({ sign: rs256(foreignKey) })],
    [
      'signed by another key that it names itself (jku)',
      () => clerk.token({ header: { jku: 'https://evil.example/jwks.json', kid: 'evil' }, sign: rs256(foreignKey) }),
    ],
    ['with an edited payload', () => edited(clerk.token())],
    ['not signed (alg none)', () => clerk.token({ header: { alg: 'none' }, sign: () => Buffer.alloc(0) })],
    [
      'signed with the public key as a password (HS256)',
      () =>
        clerk.token({
          header: { alg: 'HS256' },
          sign: (input) => createHmac('sha256', clerk.publicPem).update(input).digest(),
        }),
    ],
    [
      'of an algorithm that Clerk does not use',
      () =>
        clerk.token({ header: { alg: 'RS512' }, sign: (input) => signBytes('sha512', Buffer.from(input), foreignKey) }),
    ],
    ['of another issuer', () => clerk.token({ claims: { iss: 'https://other.clerk.accounts.dev' } })],
    ['for another site', () => clerk.token({ claims: { azp: 'https://evil.example' } })],
    ['for no site', () => clerk.token({ claims: { azp: undefined } })],
    ['of a sign-in that is not complete (pending)', () => clerk.token({ claims: { sts: 'pending' } })],
    ['of nobody', () => clerk.token({ claims: { sub: undefined } })],
    ['of no session, as those that Clerk makes by a template for other services, for years', () => forOthers()],
    ['of a machine', () => 'mt_abcdefghijklmnopqrstuvwxyz'],
    ['an API key of Clerk', () => 'ak_abcdefghijklmnopqrstuvwxyz'],
  ];

  test.each(bad)('%s: 401 over HTTP and at the handshake of a live connection', async (_why, makeToken) => {
    const token = makeToken();
    const answer = await me(token);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 401, code: 'AUTH_INVALID' });
    expect(answer.text).not.toContain(token);
    expect(await connect(token).then(() => 'connected', codeOfRefusal)).toBe('AUTH_INVALID');
  });

  test('is told from none: 401 AUTH_REQUIRED', async () => {
    expect((await server.call('GET', '/api/me')).body.code).toBe('AUTH_REQUIRED');
    expect((await server.call('GET', '/api/me', { headers: { cookie: 'heddle_session=x' } })).body.code).toBe(
      'AUTH_REQUIRED',
    );
  });
});

const sockets: Socket[] = [];
afterAll(() => {
  for (const socket of sockets) socket.disconnect();
});

async function connect(token: string, url = server.url): Promise<Socket> {
  const socket = io(url, { auth: { token }, transports: ['websocket'], reconnection: false, forceNew: true });
  sockets.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('connect_error', reject);
  });
  return socket;
}
const codeOfRefusal = (error: { data?: { code: string } }) => error.data?.code;

describe('attack 16: a live connection', () => {
  const session = () => ({ sub: `user_${randomUUID()}`, sid: `sess_${randomUUID()}` });
  const message = (event: object) => {
    const { body, headers } = clerk.message(event);
    return server.call('POST', '/api/webhooks/clerk', { raw: body, headers });
  };

  test('ends with its token, unless the client brings a new one in time', async () => {
    const [left, kept] = [session(), session()];
    const endsAt = now() + 3;
    const soon = (claims: object) => clerk.token({ claims: { ...claims, exp: endsAt } });
    const [leaving, staying] = [await connect(soon(left)), await connect(soon(kept))];
    const renew = (token: string) => staying.timeout(60_000).emitWithAck('auth:refresh', { token });
    expect(await renew(clerk.token())).toMatchObject({ ok: false, code: 'AUTH_INVALID' });
    expect(await renew('garbage')).toMatchObject({ ok: false, code: 'AUTH_INVALID' });
    expect(await renew(clerk.token({ claims: kept }))).toEqual({ ok: true });
    await eventually(() => !leaving.connected);
    // The other one's first token ended at the same moment; its connection goes on under the second.
    await eventually(() => now() >= endsAt + 2);
    expect(staying.connected).toBe(true);
  });

  test.each(['session.ended', 'session.removed', 'session.revoked'])(
    'and every token of a session die at once on %s, on every server',
    async (type) => {
      const second = await server.startAnother({ socketRecheckMs: 3_600_000 });
      try {
        const { sub, sid } = session();
        const token = clerk.token({ claims: { sub, sid } });
        const other = clerk.token({ claims: { sub, sid: `sess_${randomUUID()}` } });
        const [socket, spared] = [await connect(token, second.url), await connect(other, second.url)];
        expect((await message({ type, data: { id: sid, user_id: sub } })).status).toBe(200);
        await eventually(() => !socket.connected);
        expect(await codeOf(token)).toBe('AUTH_INVALID');
        expect((await me(other)).status).toBe(200);
        expect(spared.connected).toBe(true);
        spared.disconnect();
      } finally {
        await second.stop();
      }
    },
  );

  test('and every token of a person die when the person is deleted, also where we never met', async () => {
    const { sub, sid } = session();
    const token = clerk.token({ claims: { sub, sid } });
    const socket = await connect(token);
    await message({ type: 'user.deleted', data: { id: sub, deleted: true } });
    await eventually(() => !socket.connected);
    expect(await codeOf(token)).toBe('AUTH_INVALID');
    const unseen = session();
    await message({ type: 'user.deleted', data: { id: unseen.sub, deleted: true } });
    expect(await codeOf(clerk.token({ claims: unseen }))).toBe('AUTH_INVALID');
  });
});

test('attack 16: in local mode a token of this kind is no credential', async () => {
  const local = await startTestServer();
  try {
    const headers = { authorization: `Bearer ${clerk.token()}` };
    expect((await local.call('GET', '/api/me', { headers })).body.code).toBe('AUTH_INVALID');
    expect((await local.call('GET', '/api/me', { headers: { cookie: `__session=${clerk.token()}` } })).status).toBe(
      401,
    );
  } finally {
    await local.stop();
  }
});

test('attack 14: Clerk mode has no route that the walk over all routes does not know, but for its webhook', () => {
  const known = [...Object.keys(guardedCases(() => new Uint8Array())), ...Object.keys(openCases)];
  const names = server.running.routes.map((route) => `${route.method} ${route.path}`);
  expect(names.filter((name) => !known.includes(name))).toEqual(['post /api/webhooks/clerk']);
});

test('the web app is told how to sign in, and the page may load Clerk’s script from Clerk alone', async () => {
  const config = await server.call('GET', '/api/config');
  expect(config.body.auth).toEqual({ mode: 'clerk', publishableKey: clerk.publishableKey, providers: [] });
  for (const secret of [clerk.env['CLERK_SECRET_KEY'], clerk.env['CLERK_WEBHOOK_SECRET']]) {
    expect(config.text).not.toContain(secret);
  }
  const policy = (await server.call('GET', '/')).headers.get('content-security-policy') ?? '';
  expect(policy).toContain(`script-src 'self' ${clerk.issuer} https://challenges.cloudflare.com;`);
  expect(policy).toContain(`connect-src 'self' ${clerk.issuer};`);
  for (const path of ['/api/auth/sign-in', '/api/invitations', '/api/me/password']) {
    expect((await server.call('POST', path, { body: {} })).status).toBe(404);
  }
});
