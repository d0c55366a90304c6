import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { io, type Socket } from 'socket.io-client';
import { clientMessages } from '../../core/events/run-event.ts';
import { allows, workspaceRoles, type WorkspaceRole } from '../../core/scope.ts';
import { changeWorkspaceMember } from '../../db/workspaces/members.ts';
import { eventually } from '../../testing/eventually.ts';
import { makePicture } from '../../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../../testing/play-run.ts';
import { projectRoot } from '../../testing/processes.ts';
import { guardedCases } from '../../testing/route-cases.ts';
import { absent, everyThing, makeThings, thingsIn, type ThingName, type Things } from '../../testing/things.ts';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

/*
 * Every role on every route that is about a workspace, every message of a live connection, and those who are no member.
 * Which route takes which role is read from docs/workspaces.md, and held against the routes.
 */

interface Line {
  /** `get /api/runs/:id`, as the cases of routes are called. */
  readonly name: string;
  readonly role: WorkspaceRole;
  /** The workspace is named by the request. */
  readonly isNamed: boolean;
}

const docs = await readFile(join(projectRoot, 'docs', 'workspaces.md'), 'utf8');
const table: readonly Line[] = [...docs.matchAll(/^\| `([A-Z]+) ([^`]+)` +\| ([^|]+?) +\| (\w+) +\|$/gm)].map(
  ([, method = '', path = '', of = '', role = '']) => ({
    name: `${method.toLowerCase()} ${path}`,
    role: workspaceRoles.find((known) => known === role)!,
    isNamed: of === '`?workspaceId=`',
  }),
);

/** `stranger`: an admin of another workspace; `former`: was an admin of this one; `onlooker`: an admin of it who is a viewer of the installation. */
const others = ['stranger', 'former', 'onlooker'] as const;
type Asker = WorkspaceRole | (typeof others)[number];
const askers: readonly Asker[] = [...workspaceRoles, ...others];

let server: TestServer;
let player: RunPlayer;
let picture: Uint8Array<ArrayBuffer>;
let boss: TestUser;
let founder: TestUser;
let team: string;
let shared: Things;
const people = new Map<Asker, { readonly key: TestUser; readonly session: TestUser }>();
const cases = guardedCases(() => picture);

/** Without a notice nothing is looked at again. */
const never = 3_600_000;

beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: '1' }, { recheckMs: never });
  player = await createRunPlayer(server.database.pool);
  picture = new Uint8Array(await readFile(await makePicture('png')));
  boss = await server.signIn(await server.addUser('owner'));
  founder = await server.addUser();
  for (const asker of askers) {
    const key = await server.addUser(asker === 'onlooker' ? 'viewer' : 'member');
    people.set(asker, { key, session: await server.signIn(key) });
  }
  const roles = workspaceRoles.map((role) => [keyOf(role), role] as const);
  team = await server.addWorkspace(founder, [...roles, [keyOf('former'), 'admin'], [keyOf('onlooker'), 'admin']]);
  await server.addWorkspace(keyOf('stranger'));
  await server.addWorkspace(keyOf('former'));
  await leave(keyOf('former'));
  shared = await things();
});
afterAll(() => server.stop());

const keyOf = (asker: Asker): TestUser => people.get(asker)!.key;

/** Goes on with another workspace, of people whom the server has not seen: it remembers for a moment what somebody may do. */
async function anotherTeam(members: readonly (readonly [TestUser, WorkspaceRole])[]): Promise<void> {
  founder = await server.addUser();
  team = await server.addWorkspace(founder, members);
}

async function leave(user: TestUser): Promise<void> {
  const member = { workspaceId: team, accountId: user.id, role: null };
  const change = server.database.db.transaction().execute((trx) => changeWorkspaceMember(trx, member));
  expect(await change).toBe('changed');
}

/** What a server does about somebody after a change: it tells all others. */
async function announce(user: TestUser): Promise<void> {
  expect((await boss.call('PUT', `/api/members/${user.id}`, { body: { role: 'member' } })).status).toBe(204);
}

const isNamed = (name: string) => table.some((line) => line.isNamed && line.name === name);
const inTeam = (path: string) => `${path}${path.includes('?') ? '&' : '?'}workspaceId=${team}`;

/** Things in the workspace of the team; one of everything unless told otherwise. */
function things(wanted: readonly ThingName[] = everyThing): Promise<Things> {
  const call: TestUser['call'] = (method, path, options) => {
    const name = `${method.toLowerCase()} ${path.split('?')[0]}`;
    return founder.call(method, isNamed(name) ? inTeam(path) : path, options);
  };
  const members = [
    ...workspaceRoles.map((role) => [keyOf(role), role] as const),
    [keyOf('onlooker'), 'admin'] as const,
  ];
  return makeThings({ server, player, owner: boss, picture, members, wanted }, { id: founder.id, call });
}

async function ask(asker: Asker, name: string, which: Things) {
  const [method = '', template = ''] = name.split(' ');
  const routeCase = cases[name]!;
  const route = server.running.routes.find((candidate) => `${candidate.method} ${candidate.path}` === name)!;
  const { key, session } = people.get(asker)!;
  const path = routeCase.path?.(which) ?? template;
  return (route.scope === 'account' ? session : key).call(
    method.toUpperCase(),
    isNamed(name) ? inTeam(path) : path,
    routeCase.options?.(),
  );
}

/** What cannot be done twice with one thing. */
const isOnce = (name: string) =>
  name.startsWith('delete ') ||
  name.startsWith('post /api/batches/') ||
  ['post /api/waits/:id', 'put /api/workflows/:id/slug', 'post /api/workspaces/:id/leave'].includes(name);

/** What it is done with. A workflow goes with all there is of it. */
function spentBy(name: string): readonly ThingName[] {
  const named = thingsIn(cases[name]!.path);
  return name.startsWith('delete ') && named.includes('workflow') ? everyThing : named;
}

describe('attack 14: the table of roles', () => {
  test('is that of the routes, each of which says whose things it is about', () => {
    const routes = server.running.routes.flatMap(({ auth, method, path, place }) =>
      auth === 'none' || typeof place !== 'object'
        ? []
        : [{ name: `${method} ${path}`, role: place.role, isNamed: place.of === 'workspace' }],
    );
    const byName = (one: Line, other: Line) => (one.name < other.name ? -1 : 1);
    expect(table.toSorted(byName)).toEqual(routes.toSorted(byName));
    expect(table.length).toBeGreaterThan(60);
  });

  test('leaves out only what is the person’s own or the installation’s', () => {
    const names = new Set(table.map(({ name }) => name));
    const left = Object.keys(cases).filter((name) => !names.has(name));
    expect(left.filter((name) => cases[name]!.path?.(absent).includes(String(absent.workflow)) === true)).toEqual([]);
    expect(left.filter((name) => /\/(?:workflows|runs|assets|waits|triggers|callbacks|w)\b/.test(name))).toEqual([]);
  });
});

describe.each(table)('attack 14: $name, for which one has to be $role', ({ name, role: needed, isNamed: named }) => {
  test.each(workspaceRoles)('asked by a member who is %s', async (role) => {
    const isAllowed = allows(role, needed);
    const which = isAllowed && isOnce(name) ? await things(spentBy(name)) : shared;
    const { status, body } = await ask(role, name, which);
    if (isAllowed) expect(status).toBe(cases[name]!.own);
    else expect({ status, code: body.code }).toEqual({ status: 403, code: 'ROLE_MISSING' });
  });

  test.each(['stranger', 'former'] as const)('asked by a %s: nothing of it is there', async (asker) => {
    const theirs = await ask(asker, name, shared);
    expect(theirs.status).toBe(404);
    if (named) {
      expect(theirs.body.code).toBe('WORKSPACE_NOT_FOUND');
      return;
    }
    const withoutIds = (text: string) => text.replaceAll(/[0-9a-f-]{36}|"[^"]*"|\d+/g, 'ID');
    const none = await ask(asker, name, absent);
    expect(theirs.body.code).toBe(none.body.code);
    expect(withoutIds(theirs.body.detail)).toBe(withoutIds(none.body.detail));
  });

  test('asked by an admin who is a viewer of the installation', async () => {
    const { status, body } = await ask('onlooker', name, shared);
    if (needed !== 'viewer') expect(status).toBe(403);
    // Some routes look only and are closed to such accounts all the same.
    else expect([cases[name]!.own, 403]).toContain(status);
    if (status === 403) expect(['SCOPE_MISSING', 'ROLE_MISSING']).toContain(body.code);
  });
});

/** Routes by which somebody who is no member gets at a thing of the workspace from this server, whatever they get. */
async function leaksTo(asker: Asker, url: string): Promise<readonly string[]> {
  const leaks: string[] = [];
  const headers = { authorization: `Bearer ${keyOf(asker).key}` };
  // A key may not ask at all for what takes a session.
  const isForKeys = (name: string) =>
    server.running.routes.find(({ method, path }) => `${method} ${path}` === name)?.scope !== 'account';
  for (const { name } of table.filter((line) => line.name.startsWith('get ') && isForKeys(line.name))) {
    const path = cases[name]!.path?.(shared) ?? name.slice('get '.length);
    const answer = await fetch(`${url}${isNamed(name) ? inTeam(path) : path}`, { headers });
    const [status, text] = [answer.status, await answer.text()];
    const isThere = [shared.workflow, shared.run, shared.asset, shared.trigger].some((id) => text.includes(`"${id}"`));
    if (status !== 404 || isThere) leaks.push(name);
  }
  return leaks;
}

test('attack 14: a leak that is planted in one query is found, and there is none without it', async () => {
  expect(await leaksTo('stranger', server.url)).toEqual([]);
  const prototype = pg.Client.prototype as unknown as { query: (sent: unknown, ...rest: unknown[]) => unknown };
  const { query } = prototype;
  let planted = 0;
  prototype.query = function (this: unknown, sent, ...rest) {
    const { name, text } = (sent ?? {}) as { name?: string; text?: string };
    const isQuery = name === 'find-trigger' && text !== undefined;
    if (isQuery) planted += 1;
    const leaky = isQuery && {
      ...(sent as object),
      name: 'find-any-trigger',
      text: text.replace('t.user_id = $2', '$2::text is not null'),
    };
    return query.call(this, leaky || sent, ...rest);
  };
  // Its connections are opened from here on.
  const leaking = await server.startAnother();
  try {
    const leaks = await leaksTo('stranger', leaking.url);
    expect(leaks).toEqual(['get /api/triggers/:id', 'get /api/triggers/:id/fires']);
  } finally {
    await leaking.stop();
    prototype.query = query;
  }
  expect(planted).toBeGreaterThan(0);
});

test('lists hold what is in the workspace that is asked for, and nothing of another', async () => {
  const viewer = keyOf('viewer');
  const lists = ['/api/workflows', '/api/runs', '/api/assets', '/api/waits'];
  for (const path of lists) {
    const [here, own] = [await viewer.call('GET', inTeam(path)), await viewer.call('GET', path)];
    expect({ path, isThere: here.body.items.length > 0 }).toEqual({ path, isThere: true });
    expect({ path, own: own.body.items }).toEqual({ path, own: [] });
  }
  const tools = async (user: TestUser, path: string) => {
    const { raw, headers } = cases['post /mcp']!.options!();
    return (await user.call('POST', path, { raw, headers: headers ?? {} })).text;
  };
  expect(await tools(keyOf('runner'), inTeam('/mcp'))).toContain(`"name":"${shared.slug}"`);
  expect(await tools(keyOf('runner'), '/mcp')).not.toContain(`"name":"${shared.slug}"`);
});

test('who did it is recorded, and shown', async () => {
  const editor = keyOf('editor');
  const graph = (await editor.call('GET', `/api/workflows/${shared.workflow}`)).body.data;
  const saved = await editor.call('PUT', `/api/workflows/${shared.workflow}`, { body: { data: graph } });
  expect(saved.body).toMatchObject({ workspaceId: team, updatedBy: editor.email });
  const runner = keyOf('runner');
  const run = (await runner.call('POST', `/api/workflows/${shared.workflow}/run`)).body;
  expect(run).toMatchObject({ workspaceId: team, startedBy: runner.email });
  const seen = await keyOf('viewer').call('GET', `/api/runs/${run.id}`);
  expect(seen.body).toMatchObject({ workspaceId: team, startedBy: runner.email });
  // Of their own workspace nothing more is written.
  const own = (await runner.call('POST', '/api/workflows', { body: { name: 'own', data: graph } })).body;
  expect(own).toMatchObject({ workspaceId: runner.id, updatedBy: runner.email });
  const { rows } = await server.database.pool.query(
    `select (select actor_id from workflow_runs where id = $1) as run,
            (select updated_by from workflows where id = $2) as own,
            (select created_by from triggers where id = $3) as trigger,
            (select uploaded_by from assets where id = $4) as asset`,
    [run.id, own.id, shared.trigger, shared.asset],
  );
  expect(rows).toEqual([{ run: runner.id, own: null, trigger: founder.id, asset: founder.id }]);
});

describe('attack 14: a live connection', () => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });
  async function connect({ key }: TestUser): Promise<Socket> {
    const options = { transports: ['websocket'], reconnection: false, forceNew: true };
    const socket = io(server.url, { ...options, auth: { token: key } });
    sockets.push(socket);
    await new Promise<void>((resolve, reject) => void socket.once('connect', resolve).once('connect_error', reject));
    return socket;
  }
  const messages: Readonly<Record<string, { of: () => object; member: object; stranger: string }>> = {
    [clientMessages.runSubscribe]: {
      of: () => ({ runId: shared.run }),
      member: { ok: true },
      stranger: 'RUN_NOT_FOUND',
    },
    [clientMessages.partSubscribe]: {
      of: () => ({ runId: shared.run, nodeId: 't' }),
      // The node is there, and not repeated.
      member: { ok: false, code: 'NODE_NOT_FOUND' },
      stranger: 'RUN_NOT_FOUND',
    },
    [clientMessages.workflowSubscribe]: {
      of: () => ({ workflowId: shared.workflow }),
      member: { ok: true },
      stranger: 'WORKFLOW_NOT_FOUND',
    },
  };

  test.each(Object.entries(messages))('follows by %s what its user may look at', async (message, expected) => {
    for (const asker of askers) {
      const answer = await (await connect(keyOf(asker))).timeout(60_000).emitWithAck(message, expected.of());
      const isMember = asker !== 'stranger' && asker !== 'former';
      const wanted = isMember ? expected.member : { ok: false, code: expected.stranger };
      expect({ asker, answer }).toMatchObject({ asker, answer: wanted });
    }
  });

  test('ends with the membership that it rests on, and one that follows nothing there goes on', async () => {
    const leaver = await server.addUser();
    await anotherTeam([[leaver, 'viewer']]);
    const own = (await leaver.call('POST', '/api/workflows', { body: { name: 'own', data: emptyGraph } })).body.id;
    const { workflow } = await things(['workflow']);
    const [there, elsewhere] = [await connect(leaver), await connect(leaver)];
    const follow = (socket: Socket, workflowId: number) =>
      socket.timeout(60_000).emitWithAck(clientMessages.workflowSubscribe, { workflowId });
    expect([await follow(there, workflow), await follow(elsewhere, own)]).toMatchObject([{ ok: true }, { ok: true }]);
    const ended = new Promise((resolve) => there.once('disconnect', resolve));
    await leave(leaver);
    await announce(leaver);
    expect(await ended).toBe('io server disconnect');
    expect(await follow(elsewhere, workflow)).toMatchObject({ ok: false, code: 'WORKFLOW_NOT_FOUND' });
    expect(elsewhere.connected).toBe(true);
    expect((await leaver.call('GET', `/api/workflows/${workflow}`)).status).toBe(404);
  });
});

const emptyGraph = { nodes: [], edges: [] };

describe('attack 14: a request under way', () => {
  test('ends with the membership, and where the role is too small by now', async () => {
    const [leaver, lowered] = [await server.addUser(), await server.addUser()];
    await anotherTeam([
      [leaver, 'viewer'],
      [lowered, 'runner'],
    ]);
    const { workflow, run } = await things(['workflow', 'run']);
    const stream = await fetch(`${server.url}/api/runs/${run}/events`, {
      headers: { authorization: `Bearer ${leaver.key}`, accept: 'text/event-stream' },
    });
    expect(stream.status).toBe(200);
    const waiting = lowered.call('POST', `/api/workflows/${workflow}/run?wait=60`);
    await eventually(async () => {
      const { items } = (await founder.call('GET', `/api/workflows/${workflow}/runs`)).body;
      return items.some(({ startedBy }: { startedBy: string }) => startedBy === lowered.email);
    });
    await leave(leaver);
    const toViewer = { workspaceId: team, accountId: lowered.id, role: 'viewer' } as const;
    await server.database.db.transaction().execute((trx) => changeWorkspaceMember(trx, toViewer));
    await announce(leaver);
    await announce(lowered);
    await stream.text();
    expect(await waiting).toMatchObject({ status: 403, body: { code: 'ROLE_MISSING' } });
    expect((await leaver.call('GET', `/api/runs/${run}`)).status).toBe(404);
    expect((await lowered.call('GET', `/api/runs/${run}`)).status).toBe(200);
  });
});
