import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import type { UserRole } from '../../core/api/auth.ts';
import { problemSchema } from '../../core/api/common.ts';
import { apiKeyScopes } from '../../core/api/keys.ts';
import { clientMessages } from '../../core/events/run-event.ts';
import { makePicture } from '../../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../../testing/play-run.ts';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';
import type { AnyRoute } from '../http/route.ts';
import { guardedCases, openCases } from '../../testing/route-cases.ts';
import { absent, everyThing, makeThings, thingsIn, type ThingName, type Things } from '../../testing/things.ts';

/*
 * Walks every route of the server and every message of a live connection as
 * everybody who must not get anything there. What there is to walk comes from
 * the route table and from the list of messages: a new one without a case fails.
 */

let server: TestServer;
let installationOwner: TestUser;
let viewer: TestUser;
let other: TestUser;
let player: RunPlayer;
let picture: Uint8Array<ArrayBuffer>;
const cases = guardedCases(() => picture);

beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: '1' });
  installationOwner = await server.signIn(await server.addUser('owner'));
  viewer = await server.addUser('viewer');
  other = await server.addUser();
  player = await createRunPlayer(server.database.pool);
  picture = new Uint8Array(await readFile(await makePicture('png')));
});
afterAll(() => server.stop());

/** Somebody with things. Routes that only read, and those that refuse, share one with everything; what a route changes is its own. */
const owners = new Map<string, Promise<{ mine: TestUser; own: Things }>>();
async function makeOwner(role: UserRole, wanted: readonly ThingName[] = everyThing) {
  const mine = await server.addUser(role);
  return { mine, own: await things(mine, wanted) };
}
function sharedOwner(role: UserRole) {
  const made = owners.get(role) ?? makeOwner(role);
  owners.set(role, made);
  return made;
}

/** What somebody else must not see of the owner's, wherever there is a list. */
const shownToNobody = ['run', 'failedRun', 'asset', 'key', 'session'] as const;

/** The owner of what the route is about. */
function ownerFor(route: AnyRoute): Promise<{ mine: TestUser; own: Things }> {
  const role = route.auth === 'owner' ? 'owner' : 'member';
  if (route.method === 'get') return sharedOwner(role);
  const { path, other: shown } = cases[nameOf(route)]!;
  const named = thingsIn(path);
  // A workflow goes with all there is of it.
  if (route.method === 'delete' && named.includes('workflow')) return makeOwner(role);
  return makeOwner(role, shown === 'nothing of it' ? [...named, ...shownToNobody] : named);
}

const things = (user: TestUser, wanted: readonly ThingName[]) =>
  makeThings({ server, player, owner: installationOwner, picture, wanted }, user);
/** In the workspace that is meant where none is named, their own, viewers of the installation are viewers too. */
const isAboveViewers = ({ place }: AnyRoute) =>
  typeof place === 'object' && place.of === 'workspace' && place.role !== 'viewer';
const nameOf = (route: AnyRoute) => `${route.method} ${route.path}`;

function routeOf(name: string): AnyRoute {
  const route = server.running.routes.find((candidate) => nameOf(candidate) === name);
  if (route === undefined) throw new Error(`there is no route ${name}`);
  return route;
}

/** The user by the kind of credential that the route takes at all. */
const forRoute = async (route: AnyRoute, user: TestUser): Promise<TestUser> =>
  route.scope === 'account' ? server.signIn(user) : user;

describe('attack 14: the walk', () => {
  test('has a case for every route that asks who is there, and a route for every case', () => {
    const guarded = server.running.routes.filter((route) => route.auth !== 'none').map(nameOf);
    expect(Object.keys(cases).toSorted()).toEqual(guarded.toSorted());
  });

  test('knows every route that is open to anybody', () => {
    const open = server.running.routes.filter((route) => route.auth === 'none').map(nameOf);
    expect(open.toSorted()).toEqual(Object.keys(openCases).toSorted());
  });

  test('knows every message of a live connection', () => {
    expect(Object.keys(messages).toSorted()).toEqual(Object.values(clientMessages).toSorted());
  });
});

describe.each(Object.entries(cases))('attack 14: %s', (name, routeCase) => {
  const [method = '', template = ''] = name.split(' ');
  // An address of its own: one address may not try as many wrong credentials as the whole walk does.
  const address = { 'x-forwarded-for': `192.0.2.${Object.keys(cases).indexOf(name)}` };
  const ask = (user: Pick<TestUser, 'call'>, which: Things, credentials: Record<string, string> = {}) => {
    const { raw, body: json, headers: own } = routeCase.options?.() ?? {};
    const headers = { ...own, ...address, ...credentials };
    return user.call(method.toUpperCase(), routeCase.path?.(which) ?? template, { raw, body: json, headers });
  };
  const answerOf = async (
    user: Pick<TestUser, 'call'>,
    which: Things = absent,
    credentials?: Record<string, string>,
  ) => {
    const { status, body } = await ask(user, which, credentials);
    return { status, code: body.code };
  };

  test('is closed to nobody, and to every credential that is wrong, revoked, expired or a removed user’s', async () => {
    expect(await answerOf(server)).toEqual({ status: 401, code: 'AUTH_REQUIRED' });
    const invalid = { status: 401, code: 'AUTH_INVALID' };
    expect(await answerOf(server, absent, { authorization: `Bearer hdl_${'A'.repeat(43)}` })).toEqual(invalid);
    expect(await answerOf(server, absent, { cookie: 'heddle_session=abc' })).toEqual(invalid);
    expect(await answerOf(dead.revoked)).toEqual(invalid);
    expect(await answerOf(dead.expired)).toEqual(invalid);
    expect(await answerOf(dead.removed)).toEqual(invalid);
    expect(await answerOf(dead.removedSession)).toEqual(invalid);
  });

  test('is closed to keys without its scope, and to viewers where it changes something', async () => {
    const route = routeOf(name);
    const forbidden = { status: 403, code: 'SCOPE_MISSING' };
    const asker = route.auth === 'owner' ? await server.addUser('owner') : other;
    if (route.scope === 'account') {
      expect(await answerOf(asker)).toEqual(forbidden);
    } else if (route.scope !== 'any') {
      const scopes = apiKeyScopes.filter((scope) => scope !== route.scope);
      expect(await answerOf(await server.addKey(asker, { scopes }))).toEqual(forbidden);
    }
    const isClosedToViewers =
      route.isClosedToViewers === true || route.auth === 'owner' || route.scope === 'run' || route.scope === 'write';
    const answer = await answerOf(await forRoute(route, viewer));
    const needsRole =
      typeof route.place === 'object' && route.place.of === 'workspace' && route.place.role !== 'viewer';
    if (isClosedToViewers) expect(answer).toEqual(forbidden);
    else if (needsRole) expect(answer.status).toBe(403);
    else if (isAboveViewers(route)) expect(answer).toEqual({ status: 403, code: 'ROLE_MISSING' });
    else expect(answer.status).toBe(routeCase.other === 'missing' ? 404 : routeCase.own);
  });

  test('shows somebody else nothing, and lets the owner in', async () => {
    const route = routeOf(name);
    const { mine, own } = await ownerFor(route);
    const stranger = await forRoute(route, other);
    const theirs = await ask(stranger, own);
    if (routeCase.other === 'missing') {
      // The same answer as for a thing that does not exist, so that existence is not revealed.
      const none = await ask(stranger, absent);
      expect(theirs.status).toBe(404);
      expect(problemSchema.parse(theirs.body).code).toBe(none.body.code);
    } else if (routeCase.other === 'forbidden') {
      expect({ status: theirs.status, code: theirs.body.code }).toEqual({ status: 403, code: 'SCOPE_MISSING' });
    } else {
      for (const id of [...shownToNobody.map((thing) => own[thing]), mine.id, mine.email]) {
        expect(theirs.text).not.toContain(id);
      }
    }
    expect((await ask(await forRoute(route, mine), own)).status).toBe(routeCase.own);
  });
});

/** Credentials that worked once. */
const dead = {} as Record<'revoked' | 'expired' | 'removed' | 'removedSession', TestUser>;
beforeAll(async () => {
  const user = await server.addUser('owner');
  dead.revoked = await server.addKey(user, {});
  const { items } = (await user.call('GET', '/api/keys')).body;
  const { id } = items.find((key: { prefix: string }) => dead.revoked.key.startsWith(key.prefix));
  await user.call('DELETE', `/api/keys/${id}`);
  dead.expired = await server.addKey(user, { expiresAt: new Date(Date.now() - 1) });
  dead.removed = await server.addUser('owner');
  dead.removedSession = await server.signIn(dead.removed);
  expect((await installationOwner.call('DELETE', `/api/members/${dead.removed.id}`)).status).toBe(204);
});

interface MessageCase {
  readonly payload: (own: Things, user: TestUser) => object;
  /** What a stranger is told; null where it names nothing of anybody. */
  readonly stranger: string | null;
  /** What the owner is told where that is no: the thing is there, and not of the right kind. */
  readonly own?: string;
}

/** What each message is sent with. */
const messages: Record<string, MessageCase> = {
  'run:subscribe': { payload: ({ run }) => ({ runId: run }), stranger: 'RUN_NOT_FOUND' },
  'run:unsubscribe': { payload: ({ run }) => ({ runId: run }), stranger: null },
  'part:subscribe': {
    payload: ({ run }) => ({ runId: run, nodeId: 't' }),
    stranger: 'RUN_NOT_FOUND',
    own: 'NODE_NOT_FOUND',
  },
  'part:unsubscribe': { payload: ({ run }) => ({ runId: run, nodeId: 't' }), stranger: null },
  'workflow:subscribe': { payload: ({ workflow }) => ({ workflowId: workflow }), stranger: 'WORKFLOW_NOT_FOUND' },
  'workflow:unsubscribe': { payload: ({ workflow }) => ({ workflowId: workflow }), stranger: null },
  'auth:refresh': { payload: (_own, user) => ({ token: user.key }), stranger: 'AUTH_INVALID' },
};

describe('attack 14: a live connection', () => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });

  async function connect(auth: object, headers: Record<string, string> = {}): Promise<Socket> {
    const socket = io(server.url, {
      auth,
      extraHeaders: headers,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    });
    sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('connect_error', reject);
    });
    return socket;
  }
  const refusal = (attempt: Promise<Socket>): Promise<unknown> =>
    attempt.then(
      () => 'connected',
      (error: { data?: { code: string } }) => error.data?.code,
    );

  test('is not opened for nobody, nor for a credential that is wrong, dead or lacks the scope', async () => {
    expect(await refusal(connect({}))).toBe('AUTH_REQUIRED');
    for (const token of [`hdl_${'A'.repeat(43)}`, dead.revoked.key, dead.expired.key, dead.removed.key]) {
      expect(await refusal(connect({ token }))).toBe('AUTH_INVALID');
    }
    expect(await refusal(connect({}, { cookie: 'heddle_session=abc' }))).toBe('AUTH_INVALID');
    const noReading = await server.addKey(other, { scopes: ['run', 'write'] });
    expect(await refusal(connect({ token: noReading.key }))).toBe('SCOPE_MISSING');
    const { cookie } = await server.signIn(other);
    expect(await refusal(connect({}, { cookie }))).toBe('connected');
  });

  test.each(Object.entries(messages))(
    'tells a stranger nothing by %s',
    async (message, { payload, stranger, own: code }) => {
      const mine = await server.addUser();
      const own = await things(mine, ['workflow', 'run']);
      const ask = async (user: TestUser, which: Things) =>
        (await connect({ token: user.key })).timeout(60_000).emitWithAck(message, payload(which, mine));
      for (const somebody of [other, viewer]) {
        const answer = await ask(somebody, own);
        if (stranger === null) {
          expect(answer).toEqual({ ok: true });
        } else {
          expect(answer).toEqual({ ok: false, code: stranger, message: expect.any(String) });
          // Word for word the answer for a thing that does not exist, but for the id in it.
          const withoutIds = (text: string) => text.replaceAll(/[0-9a-f-]{36}|\d+/g, 'ID');
          if (message !== 'auth:refresh') {
            const none = await ask(somebody, absent);
            expect(withoutIds(answer.message)).toBe(withoutIds(none.message));
          }
        }
      }
      expect(await ask(mine, own)).toMatchObject(code === undefined ? { ok: true } : { ok: false, code });
    },
  );
});

describe('attack 15: a field that belongs to the server', () => {
  const fields = ['userId', 'user_id', 'ownerId', 'role', 'status', 'isAdmin', 'passwordHash'];
  /** Where such a field is one that the route is for. */
  const declared: Readonly<Record<string, readonly string[]>> = {
    'put /api/members/:id': ['role'],
    'post /api/invitations': ['role'],
  };
  const bodyOf = (name: string): unknown =>
    cases[name] === undefined ? openCases[name]?.body : cases[name].options?.().body;
  const withBody = [...Object.keys(cases), ...Object.keys(openCases)].filter(
    (name) => typeof bodyOf(name) === 'object',
  );

  test('is tried on every route that takes a JSON body', () => {
    const taking = server.running.routes.filter((route) => route.body !== undefined).map(nameOf);
    expect(withBody.toSorted()).toEqual(taking.toSorted());
  });

  test.each(withBody)('is refused by %s', async (name) => {
    const [method = '', template = ''] = name.split(' ');
    const route = routeOf(name);
    const { mine, own } = await sharedOwner('owner');
    const asker = await forRoute(route, mine);
    for (const field of fields.filter((candidate) => declared[name]?.includes(candidate) !== true)) {
      const answer = await asker.call(method.toUpperCase(), cases[name]?.path?.(own) ?? template, {
        body: { ...(bodyOf(name) as object), [field]: 'owner' },
      });
      expect({ field, status: answer.status }).toEqual({ field, status: 400 });
      expect(['FIELD_UNKNOWN', 'REQUEST_INVALID']).toContain(answer.body.code);
    }
    const { rows } = await server.database.pool.query<{ role: string }>('select role from users where id = $1', [
      other.id,
    ]);
    expect(rows[0]?.role).toBe('member');
  });
});
