import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { insertSession, maxSessionsPerUser } from '../../db/sessions/insert.ts';
import { maxSignInTokensPerUser } from '../../db/sign-in-tokens/insert.ts';
import { insertInvitation } from '../../db/invitations/insert.ts';
import { updateProfile } from '../../db/users/update.ts';
import { eventually } from '../../testing/eventually.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';
import { hashSecret, newSecret } from '../auth/secrets.ts';
import { socketLimits } from '../limits/limits.ts';

/* Requests that cross: what counts first and writes later must not be passed by sending many at once. */

let server: TestServer;
let owner: TestUser;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.signIn(await server.addUser('owner'));
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});
afterAll(() => server.stop());

const atOnce = <Result>(count: number, work: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const countOf = async (text: string, value: string) =>
  Number((await server.database.pool.query<{ n: string }>(`select count(*) as n from ${text}`, [value])).rows[0]!.n);

function connect(key: string): Promise<Socket | null> {
  const socket = io(server.url, {
    auth: { token: key },
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  sockets.push(socket);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket)).once('connect_error', () => resolve(null));
  });
}

describe('security case 16: a limit holds for requests that come at once', () => {
  test('of live connections, and a place that was given up is free', async () => {
    const { key } = await server.addUser();
    const open = (await atOnce(40, () => connect(key))).filter((socket) => socket !== null);
    expect(open).toHaveLength(socketLimits.maxSocketsPerUser);
    expect(open.every((socket) => socket.connected)).toBe(true);
    for (const socket of open) socket.disconnect();
    await eventually(async () => (await connect(key)) !== null);
  });

  test('of API keys', async () => {
    const user = await server.signIn(await server.addUser());
    for (let i = 1; i < 98; i += 1) await server.addKey(user, {});
    const answers = await atOnce(12, () => user.call('POST', '/api/keys', { body: { name: 'k' } }));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(await countOf('api_keys where user_id = $1', user.id)).toBe(100);
  });

  test('of sessions: the ones that were not used for longest end', async () => {
    const user = await server.addUser();
    await atOnce(maxSessionsPerUser + 15, () =>
      insertSession(server.database.db, {
        id: randomUUID(),
        userId: user.id,
        tokenHash: hashSecret(newSecret()),
        ttlMs: 60_000,
        method: 'password',
        userAgent: null,
        address: null,
      }),
    );
    expect(await countOf('sessions where user_id = $1', user.id)).toBe(maxSessionsPerUser);
  });

  test('of sign-in links for one account', async () => {
    const user = await server.addUser();
    const answers = await atOnce(maxSignInTokensPerUser + 8, () =>
      owner.call('POST', `/api/members/${user.id}/sign-in-link`),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(await countOf('sign_in_tokens where user_id = $1', user.id)).toBe(maxSignInTokensPerUser);
  });

  test('of workspaces that somebody makes, which have quotas and turns of their own; deleted ones count for their days', async () => {
    const ada = await server.signIn(await server.addUser());
    for (let i = 0; i < 48; i += 1) await server.addWorkspace(ada);
    const make = () => ada.call('POST', '/api/workspaces', { body: { name: 'One more' } });
    const answers = await atOnce(12, make);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(await countOf('workspaces where created_by = $1', ada.id)).toBe(50);
    const made = answers.find(({ status }) => status === 201)!.body.id;
    expect((await ada.call('DELETE', `/api/workspaces/${made}`)).status).toBe(200);
    expect((await make()).body).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  test('of service accounts, members, secrets and budgets', async () => {
    const ada = await server.signIn(await server.addUser());
    const id = await server.addWorkspace(ada);
    const { pool } = server.database;
    const fill = (table: string, count: number, row: string) =>
      pool.query(`insert into ${table} select ${row} from generate_series(1, ${count}) i`);
    const members = `/api/workspaces/${id}`;
    const tried = async (ask: (i: number) => Promise<{ status: number }>) => {
      let at = 0;
      return (await atOnce(8, () => ask((at += 1)))).filter(({ status }) => status < 300).length;
    };
    await fill('users (id, email, kind)', 48, `'service_of_test_' || i, 'service_of_test_' || i, 'service'`);
    await fill('workspace_members (workspace_id, account_id, role)', 48, `'${id}', 'service_of_test_' || i, 'viewer'`);
    const program = (i: number) => ({ body: { name: `p${i}`, role: 'viewer' } });
    expect(await tried((i) => ada.call('POST', `${members}/service-accounts`, program(i)))).toBe(2);
    await fill(
      'workspace_invitations (id, workspace_id, email, role)',
      1_000 - 51 - 3,
      `gen_random_uuid(), '${id}', i || '@example.com', 'viewer'`,
    );
    const guest = (i: number) => ({ body: { email: `guest${i}@example.com`, role: 'viewer' } });
    expect(await tried((i) => ada.call('POST', `${members}/members`, guest(i)))).toBe(3);
    const secret = (i: number) => ({ body: { value: 'quiet words', hosts: [`h${i}.example.com`] } });
    await fill('secrets (user_id, name, hosts, sealed)', 97, `'${ada.id}', 'kept' || i, '{a.example.com}', '\\x00'`);
    expect(await tried((i) => ada.call('PUT', `/api/secrets/new${i}`, secret(i)))).toBe(3);
    const workflow = async () =>
      (await ada.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body.id as number;
    const ids = await Promise.all(Array.from({ length: 8 }, workflow));
    await pool.query(
      `with w as (insert into workflows (name, data, user_id) select 'w', data, $1 from workflows, generate_series(1, 98) where id = $2 returning id)
       insert into budgets (user_id, workflow_id, period, limit_usd) select $1, id, 'day', 1 from w`,
      [ada.id, ids[0]],
    );
    const budget = (i: number) => ({ body: { workflowId: ids[i - 1], period: 'day', limitUsd: 1 } });
    expect(await tried((i) => ada.call('PUT', '/api/budgets', budget(i)))).toBe(2);
  });

  test('of open invitations for one address', async () => {
    const email = `${randomUUID()}@example.com`;
    const answers = await atOnce(10, () => owner.call('POST', '/api/invitations', { body: { email, role: 'member' } }));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(await countOf('invitations where email = $1', email)).toBe(1);
  });
});

describe('security case 12: an address with an open invitation is taken', () => {
  const change = (user: TestUser, email: string) => user.call('PUT', '/api/me', { body: { email } });
  const invite = (email: string) => owner.call('POST', '/api/invitations', { body: { email, role: 'owner' } });

  test('a member cannot take it, in any letter case, until the invitation is withdrawn; the guest comes in', async () => {
    const viewer = await server.signIn(await server.addUser('viewer'));
    const { id, path } = (await invite('boss@example.com')).body;
    for (const email of ['boss@example.com', 'BOSS@Example.COM']) {
      expect(await change(viewer, email)).toMatchObject({ status: 409, body: { code: 'EMAIL_TAKEN' } });
    }
    const body = { token: path.split('token=')[1], password: 'correct horse battery' };
    expect(await server.call('POST', '/api/auth/accept-invitation', { body })).toMatchObject({
      status: 200,
      body: { email: 'boss@example.com', role: 'owner' },
    });
    expect((await owner.call('DELETE', `/api/invitations/${id}`)).status).toBe(404);
    const second = (await invite('second@example.com')).body;
    expect((await change(viewer, 'second@example.com')).status).toBe(409);
    expect((await owner.call('DELETE', `/api/invitations/${second.id}`)).status).toBe(204);
    expect((await change(viewer, 'second@example.com')).status).toBe(200);
  });

  test('nor can an address be invited that an account has, and a change that nothing proves is shown', async () => {
    const member = await server.signIn(await server.addUser());
    expect((await change(member, 'taken@example.com')).status).toBe(200);
    expect(await invite('Taken@example.com')).toMatchObject({ status: 409, body: { code: 'EMAIL_TAKEN' } });
    const { items } = (await owner.call('GET', '/api/members')).body;
    const shown = new Map(
      items.map((item: { email: string; emailChangedAt: string }) => [item.email, item.emailChangedAt]),
    );
    expect(shown.get('taken@example.com')).toMatch(/^\d{4}-/);
    expect(shown.get(owner.email)).toBeNull();
  });

  test('of changes and invitations that cross exactly one comes through', async () => {
    const { db } = server.database;
    const users = await atOnce(4, () => server.addUser());
    for (let round = 0; round < 6; round += 1) {
      const email = `crossing-${round}@example.com`;
      const invitation = { id: randomUUID(), email, role: 'member', invitedBy: owner.id, ttlMs: 60_000 } as const;
      const outcomes = await Promise.all([
        ...users.map(async ({ id }) => (await updateProfile(db, id, { email })) === 'changed'),
        insertInvitation(db, { ...invitation, tokenHash: hashSecret(newSecret()) }).then(
          (made) => typeof made !== 'string',
        ),
      ]);
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    }
  });
});
