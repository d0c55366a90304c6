import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { auditPageSchema } from '../core/api/audit.ts';
import { suspendExternalUser } from '../db/users/remove-external.ts';
import { saveExternalUser } from '../db/users/save-external.ts';
import { makePicture } from '../testing/media.ts';
import { smallGraph, type TestServer, type TestUser } from '../testing/test-server.ts';
import { answer, membersOf, startWorkspaces, workspacesOf, type WorkspacesOfTest } from '../testing/workspaces.ts';

let server: TestServer;
let ada: TestUser;
let ben: TestUser;
let owner: TestUser;
let makeWorkspace: WorkspacesOfTest['makeWorkspace'];
let add: WorkspacesOfTest['add'];

beforeAll(async () => {
  ({ server, ada, ben, owner, makeWorkspace, add } = await startWorkspaces());
});
afterAll(() => server.stop());

test('everybody has a workspace of their own, which is theirs alone', async () => {
  expect(await workspacesOf(ben)).toEqual([
    {
      ...{ id: ben.id, name: ben.email, kind: 'personal', role: 'admin' },
      ...{ createdAt: null, deletedAt: null, endsAt: null, adminNamed: null },
    },
  ]);
  expect(await answer(ben, 'DELETE', `/api/workspaces/${ben.id}`)).toEqual({ status: 400, code: 'REQUEST_INVALID' });
  expect(await answer(ada, 'GET', `/api/workspaces/${ben.id}/members`)).toEqual({
    status: 404,
    code: 'WORKSPACE_NOT_FOUND',
  });
});

test('a workspace is shared, renamed and left; each change counts at once', async () => {
  const id = await makeWorkspace('Pictures');
  expect(await answer(ben, 'GET', `/api/workspaces/${id}/members`)).toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
  const added = await add(id, ben.email.toUpperCase(), 'viewer');
  expect(added.body).toMatchObject({ member: { accountId: ben.id, role: 'viewer', via: 'invited' }, invited: null });
  expect((await workspacesOf(ben))[1]).toMatchObject({ id, name: 'Pictures', kind: 'team', role: 'viewer' });
  expect(await answer(ben, 'PATCH', `/api/workspaces/${id}`, { name: 'Mine' })).toEqual({
    status: 403,
    code: 'ROLE_MISSING',
  });
  const create = () =>
    ben.call('POST', `/api/workflows?workspaceId=${id}`, { body: { name: 'w', data: smallGraph() } });
  expect((await create()).status).toBe(403);
  expect(await answer(ada, 'PATCH', `/api/workspaces/${id}/members/${ben.id}`, { role: 'editor' })).toMatchObject({
    status: 204,
  });
  const workflow = (await create()).body.id;
  expect((await ada.call('GET', `/api/workflows/${workflow}`)).status).toBe(200);
  expect((await ada.call('PATCH', `/api/workspaces/${id}`, { body: { name: 'Films' } })).body.name).toBe('Films');
  expect((await ben.call('POST', `/api/workspaces/${id}/leave`)).status).toBe(204);
  expect(await answer(ben, 'GET', `/api/workflows/${workflow}`)).toEqual({ status: 404, code: 'WORKFLOW_NOT_FOUND' });
  expect((await ada.call('GET', `/api/workflows/${workflow}`)).status).toBe(200);
});

test('the last admin stays one, and a member is added once', async () => {
  const id = await makeWorkspace();
  const lastAdmin = { status: 409, code: 'LAST_ADMIN' };
  await add(id, ben.email, 'editor');
  expect(await answer(ada, 'POST', `/api/workspaces/${id}/leave`)).toEqual(lastAdmin);
  expect(await answer(ada, 'DELETE', `/api/workspaces/${id}/members/${ada.id}`)).toEqual(lastAdmin);
  expect(await answer(ada, 'PATCH', `/api/workspaces/${id}/members/${ada.id}`, { role: 'editor' })).toEqual(lastAdmin);
  expect((await add(id, ben.email, 'admin')).body.code).toBe('REQUEST_INVALID');
  await ada.call('PATCH', `/api/workspaces/${id}/members/${ben.id}`, { body: { role: 'admin' } });
  expect((await ada.call('POST', `/api/workspaces/${id}/leave`)).status).toBe(204);
  expect((await membersOf(ben, id)).items.map(({ accountId }) => accountId)).toEqual([ben.id]);
});

describe('a workspace whose admins are gone', () => {
  const known = async (id: string) => {
    const { items } = (await owner.call('GET', '/api/admin/workspaces')).body;
    return (items as { id: string }[]).find((workspace) => workspace.id === id);
  };
  const name = (id: string, accountId: string, by = owner) =>
    by.call('PUT', `/api/admin/workspaces/${id}/admin`, { body: { accountId } });

  test('is given one by an owner of the installation, which is in its log and its members are told', async () => {
    const boss = await server.signIn(await server.addUser());
    const id = (await boss.call('POST', '/api/workspaces', { body: { name: 'Orphans' } })).body.id as string;
    await add(id, ben.email, 'editor', boss);
    expect(await known(id)).toMatchObject({ name: 'Orphans', members: 2, admins: 1, deletedAt: null });
    expect(await answer(owner, 'PUT', `/api/admin/workspaces/${id}/admin`, { accountId: owner.id })).toEqual({
      status: 409,
      code: 'WORKSPACE_HAS_ADMIN',
    });
    // Nobody else is asked, and of what is in it an owner sees nothing.
    expect((await name(id, ben.id, ben)).status).toBe(403);
    expect((await owner.call('GET', `/api/workspaces/${id}/members`)).status).toBe(404);
    await owner.call('DELETE', `/api/members/${boss.id}`);
    expect(await known(id)).toMatchObject({ members: 1, admins: 0 });
    // It goes on meanwhile.
    const body = { name: 'w', data: smallGraph() };
    expect((await ben.call('POST', `/api/workflows?workspaceId=${id}`, { body })).status).toBe(201);
    expect((await name(id, randomUUID())).body.code).toBe('MEMBER_NOT_FOUND');
    expect((await name(randomUUID(), ben.id)).body.code).toBe('WORKSPACE_NOT_FOUND');
    expect((await name(id, ada.id)).status).toBe(204);
    expect((await workspacesOf(ben)).find((workspace) => workspace.id === id)).toMatchObject({
      role: 'editor',
      adminNamed: { account: ada.email, by: owner.email, at: expect.any(String) },
    });
    const log = (await ada.call('GET', `/api/workspaces/${id}/audit`)).body.items as { action: string }[];
    expect(log[0]).toMatchObject({
      action: 'workspace.name-admin',
      actor: { email: owner.email },
      details: { account: ada.email },
    });
    expect(await known(id)).toMatchObject({ members: 2, admins: 1 });
  });

  test('is one as long as its admin is shut out by the provider, or may only look', async () => {
    const externalId = randomUUID();
    const email = `${randomUUID()}@example.com`;
    const save = () =>
      server.database.db
        .transaction()
        .execute((trx) =>
          saveExternalUser(trx, { externalId, email, isEmailVerified: true, at: new Date() }, externalId),
        );
    await save();
    const id = await server.addWorkspace({ id: externalId }, [[ben, 'viewer']]);
    const { db } = server.database;
    const admins = async () => (await known(id)) as { admins: number } | undefined;
    expect(await admins()).toMatchObject({ admins: 1 });
    await db.transaction().execute((trx) => suspendExternalUser(trx, externalId));
    expect(await admins()).toMatchObject({ admins: 0 });
    await save();
    expect(await admins()).toMatchObject({ admins: 1 });
    await owner.call('PUT', `/api/members/${externalId}`, { body: { role: 'viewer' } });
    expect(await admins()).toMatchObject({ admins: 0 });
    // Two owners at once: one of them decides.
    const named = await Promise.all([name(id, ben.id), name(id, ada.id)]);
    expect(named.map(({ status }) => status).toSorted()).toEqual([204, 409]);
  });

  test('is no place that the only one who decides can leave, though another is called admin', async () => {
    const id = await makeWorkspace();
    const guest = await server.addUser('viewer');
    await add(id, guest.email, 'admin');
    expect(await answer(ada, 'POST', `/api/workspaces/${id}/leave`)).toEqual({ status: 409, code: 'LAST_ADMIN' });
  });
});

test('a deleted workspace is closed at once, its runs end, and an admin restores it', async () => {
  const id = await makeWorkspace();
  await add(id, ben.email, 'editor');
  const graph = { body: { name: 'w', data: smallGraph() } };
  const workflow = (await ben.call('POST', `/api/workflows?workspaceId=${id}`, graph)).body.id;
  const schedule = { kind: 'schedule', cron: '0 9 * * MON', timeZone: 'Europe/Berlin' };
  const trigger = (await ben.call('POST', `/api/workflows/${workflow}/triggers`, { body: schedule })).body.id;
  const run = (await ben.call('POST', `/api/workflows/${workflow}/run`)).body.id;
  const deleted = await ada.call('DELETE', `/api/workspaces/${id}`);
  expect(deleted.body).toMatchObject({ id, deletedAt: expect.any(String), endsAt: expect.any(String) });
  for (const user of [ada, ben]) {
    expect(await answer(user, 'GET', `/api/workflows/${workflow}`)).toMatchObject({ status: 404 });
    expect(await answer(user, 'GET', `/api/workflows?workspaceId=${id}`)).toMatchObject({
      code: 'WORKSPACE_NOT_FOUND',
    });
  }
  expect((await workspacesOf(ben)).map((workspace) => workspace.id)).not.toContain(id);
  expect((await workspacesOf(ada)).find((workspace) => workspace.id === id)?.deletedAt).toEqual(expect.any(String));
  expect(await answer(ben, 'POST', `/api/workspaces/${id}/restore`)).toMatchObject({ status: 404 });
  expect((await ada.call('POST', `/api/workspaces/${id}/restore`)).body).toMatchObject({
    deletedAt: null,
    role: 'admin',
  });
  expect((await ben.call('GET', `/api/runs/${run}`)).body.status).toBe('CANCELLED');
  expect((await ben.call('GET', `/api/triggers/${trigger}`)).body).toMatchObject({
    enabled: false,
    pausedReason: 'Its workspace was deleted.',
  });
  expect((await ben.call('POST', `/api/workflows/${workflow}/run`)).status).toBe(202);
});

test('a service account acts in its workspace alone, with its role, until it is removed', async () => {
  const id = await makeWorkspace();
  const made = await ada.call('POST', `/api/workspaces/${id}/service-accounts`, {
    body: { name: 'CI', role: 'runner' },
  });
  const account = made.body.accountId;
  expect(made.body).toMatchObject({ kind: 'service', firstName: 'CI', role: 'runner' });
  const keys = `/api/workspaces/${id}/service-accounts/${account}/keys`;
  const { key } = (await ada.call('POST', keys, { body: { name: 'build' } })).body;
  const program: TestUser = {
    ...ada,
    call: (method, path, options = {}) =>
      server.call(method, path, { ...options, headers: { authorization: `Bearer ${key}` } }),
  };
  const create = { name: 'w', data: smallGraph() };
  const workflow = (await ada.call('POST', `/api/workflows?workspaceId=${id}`, { body: create })).body.id;
  // Without a workspace its own is meant, which is the one that it belongs to.
  expect((await program.call('GET', '/api/workflows')).body.items).toMatchObject([{ id: workflow }]);
  expect((await workspacesOf(program)).map((workspace) => workspace.id)).toEqual([id]);
  const run = await program.call('POST', `/api/workflows/${workflow}/run`);
  expect(run.status).toBe(202);
  expect(await answer(program, 'POST', '/api/workflows', create)).toEqual({ status: 403, code: 'ROLE_MISSING' });
  const others = (await ada.call('POST', '/api/workflows', { body: create })).body.id;
  expect(await answer(program, 'GET', `/api/workflows/${others}`)).toMatchObject({ status: 404 });
  expect((await ada.call('GET', keys)).body.items).toMatchObject([{ name: 'build', scopes: ['read', 'run', 'write'] }]);
  // It is nobody who could be let in, and no account of the installation.
  const accounts = (await owner.call('GET', '/api/members')).body.items as { id: string }[];
  expect(accounts.map((member) => member.id)).not.toContain(account);
  await ada.call('DELETE', `/api/workspaces/${id}/members/${account}`);
  expect(await answer(program, 'GET', '/api/workflows')).toEqual({ status: 401, code: 'AUTH_INVALID' });
});

test('an API key may be for one workspace, or for less than its account may do, and passes on no more', async () => {
  const id = await makeWorkspace();
  const body = { name: 'w', data: smallGraph() };
  const shared = (await ada.call('POST', `/api/workflows?workspaceId=${id}`, { body })).body.id;
  const own = (await ada.call('POST', '/api/workflows', { body })).body.id;
  const keyWith = async (limits: object, by: TestUser = ada): Promise<TestUser> => {
    const made = await by.call('POST', '/api/keys', { body: { name: 'k', ...limits } });
    expect(made.status).toBe(201);
    return {
      ...ada,
      call: (method, path, options = {}) =>
        server.call(method, path, { ...options, headers: { authorization: `Bearer ${made.body.key}` } }),
    };
  };
  const there = await keyWith({ workspaceId: id });
  expect((await there.call('GET', '/api/workflows')).body.items).toMatchObject([{ id: shared }]);
  expect(await answer(there, 'GET', `/api/workflows/${own}`)).toMatchObject({ status: 404 });
  expect(await answer(there, 'GET', `/api/workflows?workspaceId=${ada.id}`)).toMatchObject({ status: 404 });
  expect((await workspacesOf(there)).map((workspace) => workspace.id)).toEqual([id]);
  const looking = await keyWith({ role: 'viewer' });
  expect((await looking.call('GET', `/api/workflows/${own}`)).status).toBe(200);
  expect(await answer(looking, 'PUT', `/api/workflows/${own}`, { name: 'n' })).toEqual({
    status: 403,
    code: 'ROLE_MISSING',
  });
  // What it makes is as narrow.
  expect(await answer(looking, 'POST', '/api/keys', { name: 'k', role: 'editor' })).toMatchObject({
    code: 'SCOPE_MISSING',
  });
  expect(await answer(there, 'POST', '/api/keys', { name: 'k', workspaceId: ada.id })).toMatchObject({ status: 404 });
  const further = await keyWith({}, there);
  // It knows, and revokes, no wider one.
  const known = (await looking.call('GET', '/api/keys')).body.items as { role: string }[];
  expect(known.map(({ role }) => role)).toEqual(['viewer']);
  const wide = (await ada.call('POST', '/api/keys', { body: { name: 'wide' } })).body.id;
  for (const narrow of [there, looking]) {
    expect(await answer(narrow, 'DELETE', `/api/keys/${wide}`)).toEqual({ status: 404, code: 'API_KEY_NOT_FOUND' });
  }
  expect((await ada.call('DELETE', `/api/keys/${wide}`)).status).toBe(204);
  expect(await answer(further, 'GET', `/api/workflows/${own}`)).toMatchObject({ status: 404 });
  const listed = (await ada.call('GET', '/api/keys')).body.items as object[];
  expect(listed).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ workspaceId: id, role: null }),
      expect.objectContaining({ workspaceId: null, role: 'viewer' }),
    ]),
  );
  // It is good for nothing once its account is no member.
  await add(id, ben.email, 'admin');
  await ada.call('POST', `/api/workspaces/${id}/leave`);
  expect(await answer(there, 'GET', '/api/workflows')).toEqual({ status: 404, code: 'WORKSPACE_NOT_FOUND' });
  // Nor does one of an owner open the installation.
  const ofOwner = await keyWith({ role: 'admin' }, owner);
  expect(await answer(ofOwner, 'GET', '/api/members')).toEqual({ status: 403, code: 'SCOPE_MISSING' });
});

test('the address of a callback is shown to those who may change it', async () => {
  const id = await makeWorkspace();
  await add(id, ben.email, 'editor');
  const body = { name: 'w', data: smallGraph() };
  const workflow = (await ada.call('POST', `/api/workflows?workspaceId=${id}`, { body })).body.id;
  const path = `/api/workflows/${workflow}/callbacks`;
  const url = 'https://203.0.114.7/services/T0/secret-part';
  expect((await ada.call('POST', path, { body: { url } })).status).toBe(201);
  const shownTo = async (user: TestUser) => (await user.call('GET', path)).body.items[0].url;
  expect([await shownTo(ada), await shownTo(ben)]).toEqual([url, 'https://203.0.114.7/…']);
});

test('a file tells who uploaded it', async () => {
  const id = await makeWorkspace();
  await add(id, ben.email, 'runner');
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(await readFile(await makePicture('png')))]), 'cat.png');
  expect((await ben.call('POST', `/api/assets?workspaceId=${id}`, { raw: form })).status).toBe(201);
  const files = (await ada.call('GET', `/api/assets?workspaceId=${id}`)).body.items;
  expect(files).toMatchObject([{ name: 'cat.png', uploadedBy: ben.email }]);
});

test('the address of a webhook is shown to those who may start runs', async () => {
  const id = await makeWorkspace();
  await add(id, ben.email, 'viewer');
  const body = { name: 'w', data: smallGraph() };
  const workflow = (await ada.call('POST', `/api/workflows?workspaceId=${id}`, { body })).body.id;
  const path = `/api/workflows/${workflow}/triggers`;
  const hook = (await ada.call('POST', path, { body: { kind: 'webhook' } })).body;
  expect(hook.url).toContain('/hooks/');
  const urls = async (user: TestUser) => [
    (await user.call('GET', path)).body.items[0].url,
    (await user.call('GET', `/api/triggers/${hook.id}`)).body.url,
  ];
  expect([await urls(ada), await urls(ben)]).toEqual([
    [hook.url, hook.url],
    [null, null],
  ]);
  await ada.call('PATCH', `/api/workspaces/${id}/members/${ben.id}`, { body: { role: 'runner' } });
  expect(await urls(ben)).toEqual([hook.url, hook.url]);
});

test('a budget is that of the workspace that is asked for', async () => {
  const id = await makeWorkspace();
  await add(id, ben.email, 'viewer');
  const put = (path: string, limitUsd: number) =>
    ada.call('PUT', path, { body: { workflowId: null, period: 'month', limitUsd } });
  const limits = async (user: TestUser, path: string) =>
    ((await user.call('GET', path)).body.items as { limitUsd: number }[]).map(({ limitUsd }) => limitUsd);
  const ofTeam = `/api/budgets?workspaceId=${id}`;
  expect((await put('/api/budgets', 1)).status).toBe(200);
  const saved = (await put(ofTeam, 5)).body.items[0];
  expect([await limits(ada, '/api/budgets'), await limits(ben, ofTeam)]).toEqual([[1], [5]]);
  expect(await answer(ada, 'DELETE', `/api/budgets/${saved.id}`)).toMatchObject({ code: 'BUDGET_NOT_FOUND' });
  expect((await ada.call('DELETE', `/api/budgets/${saved.id}?workspaceId=${id}`)).status).toBe(204);
  expect([await limits(ada, '/api/budgets'), await limits(ben, ofTeam)]).toEqual([[1], []]);
});

test('an admin of a workspace reads and exports what was done in it, and nothing else', async () => {
  const id = await makeWorkspace('Watched');
  await add(id, ben.email, 'editor');
  const body = { name: 'doomed', data: smallGraph() };
  const workflow = (await ben.call('POST', `/api/workflows?workspaceId=${id}`, { body })).body.id;
  await ben.call('DELETE', `/api/workflows/${workflow}`);
  const own = (await ben.call('POST', '/api/workflows', { body })).body.id;
  await ben.call('DELETE', `/api/workflows/${own}`);
  const { items } = auditPageSchema.parse((await ada.call('GET', `/api/workspaces/${id}/audit`)).body);
  expect(items.map(({ action, actor }) => [action, actor.email])).toEqual([
    ['workflow.delete', ben.email],
    ['workspace.member-add', ada.email],
    ['workspace.create', ada.email],
  ]);
  const file = await ada.call('GET', `/api/workspaces/${id}/audit/export`);
  expect(file.text.trimEnd().split('\n')).toHaveLength(3);
  expect(await answer(ben, 'GET', `/api/workspaces/${id}/audit`)).toEqual({ status: 403, code: 'ROLE_MISSING' });
});
