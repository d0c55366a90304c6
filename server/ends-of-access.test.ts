import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { endings, kept } from '../db/members/end-access.ts';
import { removeMember, setRole } from '../db/members/change.ts';
import { eventually } from '../testing/eventually.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let owner: TestUser;
let boss: TestUser;

beforeAll(async () => {
  server = await startTestServer({ RUN_ACTIVE_PER_USER: '3' });
  owner = await server.addUser('owner');
  boss = await server.signIn(owner);
});
afterAll(() => server.stop());

const rows = async (text: string, id: string) =>
  (await server.database.pool.query<Record<string, unknown>>(text, [id])).rows;
const statusesOf = async ({ id }: { id: string }) =>
  (await rows('select status from workflow_runs where user_id = $1', id)).map(({ status }) => status);

async function startRuns(user: TestUser, count: number): Promise<void> {
  const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body;
  const answers = await Promise.all(
    Array.from({ length: count }, () => user.call('POST', `/api/workflows/${id}/run`, { body: { useCache: false } })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => 202));
}

async function addSchedule(user: TestUser) {
  const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body;
  const made = await user.call('POST', `/api/workflows/${id}/triggers`, {
    body: { kind: 'schedule', cron: 'every 300 days', startAt: '2500-01-01T00:00:00Z' },
  });
  expect(made.status).toBe(201);
}

/** Somebody with everything that can act in their name. */
async function everythingOf(role: 'member' | 'owner') {
  const user = await server.addUser(role);
  const session = await server.signIn(user);
  await server.addKey(user, { scopes: ['read'] });
  expect((await session.call('PUT', '/api/provider-keys/gemini', { body: { key: 'own-key-of-theirs' } })).status).toBe(
    200,
  );
  const secret = { value: 'a token of theirs', hosts: ['api.example.com'] };
  expect((await session.call('PUT', '/api/secrets/TOKEN', { body: secret })).status).toBe(200);
  await startRuns(user, 9);
  await addSchedule(user);
  expect((await boss.call('POST', `/api/members/${user.id}/sign-in-link`)).status).toBe(201);
  if (role === 'owner') {
    const invited = { email: `by-${user.id}@example.com`, role: 'owner' };
    expect((await session.call('POST', '/api/invitations', { body: invited })).status).toBe(201);
    expect((await session.call('POST', `/api/members/${owner.id}/sign-in-link`)).status).toBe(201);
  }
  return { user, session };
}

async function leftOf({ id }: TestUser) {
  const count = async (text: string) => Number((await rows(`select count(*) as n from ${text}`, id))[0]!['n']);
  return {
    runs: await count('workflow_runs where user_id = $1 and finished_at is null'),
    keys: (await rows(`select scopes from api_keys where user_id = $1 and revoked_at is null`, id)).map(
      ({ scopes }) => scopes,
    ),
    providerKeys: await count('provider_keys where user_id = $1'),
    triggers: await count('triggers where user_id = $1 and enabled'),
    secrets: await count('secrets where user_id = $1'),
    sessions: await count('sessions where user_id = $1'),
    links: await count('sign_in_tokens where user_id = $1'),
    linksForOthers: await count('sign_in_tokens where made_by = $1'),
    invitations: await count('invitations where invited_by = $1 and accepted_at is null'),
  };
}

const nothing = {
  runs: 0,
  keys: [],
  providerKeys: 0,
  triggers: 0,
  secrets: 0,
  sessions: 0,
  links: 0,
  linksForOthers: 0,
  invitations: 0,
};

describe('security case 11: what acts in somebody’s name ends with the right to it', () => {
  test('every column that names a person is on the list of what ends, or of what stays', async () => {
    const { rows: found } = await server.database.pool.query<{ column: string }>(
      `select c.table_name || '.' || c.column_name as column from information_schema.columns c
        where c.table_schema = 'public' and c.column_name ~ '(^|_)(user|actor|owner|member)_id$|_by$'
       union
       select t.relname || '.' || a.attname from pg_constraint k
         join pg_class t on t.oid = k.conrelid join pg_attribute a on a.attrelid = t.oid and a.attnum = any (k.conkey)
        where k.contype = 'f' and k.confrelid = 'users'::regclass`,
    );
    const listed = new Set([...endings.map(({ column }) => column), ...Object.keys(kept)]);
    expect(found.map(({ column }) => column).toSorted()).toEqual([...listed].toSorted());
  });

  test('removal ends runs under way and waiting ones, keys, links, invitations, sessions and live connections', async () => {
    const { user, session } = await everythingOf('owner');
    const socket = io(server.url, { transports: ['websocket'], forceNew: true, auth: { token: user.key } });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('connect_error', reject);
    });
    expect(await leftOf(user)).toMatchObject({ runs: 9, sessions: 1, links: 1, linksForOthers: 1, invitations: 1 });
    expect((await boss.call('DELETE', `/api/members/${user.id}`)).status).toBe(204);
    expect(await leftOf(user)).toEqual(nothing);
    expect(new Set(await statusesOf(user))).toEqual(new Set(['CANCELLED']));
    expect((await session.call('GET', '/api/me')).status).toBe(401);
    expect((await user.call('GET', '/api/me')).status).toBe(401);
    await eventually(() => !socket.connected);
    const { items } = (await boss.call('GET', '/api/admin/audit?action=member.remove')).body;
    expect(items[0]).toMatchObject({ details: { cancelledRuns: 9 } });
  });

  test('somebody who becomes a viewer keeps what looks, and nothing that runs or changes', async () => {
    const { user, session } = await everythingOf('member');
    expect((await boss.call('PUT', `/api/members/${user.id}`, { body: { role: 'viewer' } })).status).toBe(204);
    expect(await leftOf(user)).toMatchObject({
      runs: 0,
      providerKeys: 0,
      secrets: 0,
      triggers: 0,
      sessions: 1,
      links: 1,
    });
    expect((await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).status).toBe(403);
    expect((await session.call('GET', '/api/me')).body.role).toBe('viewer');
  });

  test('an owner who becomes a member has let nobody in', async () => {
    const { user } = await everythingOf('owner');
    expect((await boss.call('PUT', `/api/members/${user.id}`, { body: { role: 'member' } })).status).toBe(204);
    expect(await leftOf(user)).toMatchObject({
      runs: 9,
      providerKeys: 1,
      triggers: 1,
      secrets: 1,
      sessions: 1,
      invitations: 0,
      linksForOthers: 0,
    });
  });

  test('runs that are started while their user is removed do not stay', async () => {
    const user = await server.addUser();
    const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body;
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 24 }, () => user.call('POST', `/api/workflows/${id}/run`))),
      removeMember(server.database.db, user.id),
    ]);
    for (const { status } of answers) expect([202, 401, 403]).toContain(status);
    expect((await statusesOf(user)).filter((status) => status !== 'CANCELLED')).toEqual([]);
  });

  test('keys and sessions that are made while their user is removed do not stay, and none is there after a return', async () => {
    const user = await server.addUser();
    const session = await server.signIn(user);
    const [made] = await Promise.all([
      Promise.all(Array.from({ length: 12 }, () => session.call('POST', '/api/keys', { body: { name: 'k' } }))),
      removeMember(server.database.db, user.id),
    ]);
    for (const { status } of made) expect([201, 401]).toContain(status);
    expect(await leftOf(user)).toEqual(nothing);
    const { path } = (await boss.call('POST', '/api/invitations', { body: { email: user.email, role: 'member' } }))
      .body;
    const body = { token: path.split('token=')[1], password: 'correct horse battery' };
    expect((await server.call('POST', '/api/auth/accept-invitation', { body })).body.id).toBe(user.id);
    expect(await leftOf(user)).toEqual({ ...nothing, sessions: 1 });
  });

  test('owners who are demoted at once do not all go', async () => {
    const alone = await startTestServer();
    try {
      await Promise.all([alone.addUser('owner'), alone.addUser('owner')]);
      const { db } = alone.database;
      const owners = await db.selectFrom('users').select('id').where('role', '=', 'owner').execute();
      const changes = await Promise.all(owners.map(({ id }) => setRole(db, id, 'viewer')));
      expect(changes.filter(({ kind }) => kind === 'last owner')).toHaveLength(1);
    } finally {
      await alone.stop();
    }
  });
});
