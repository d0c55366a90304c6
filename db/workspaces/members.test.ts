import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from '../client.ts';
import { listMembers } from '../members/list.ts';
import { removeMember } from '../members/change.ts';
import { insertUserOnce } from '../users/insert.ts';
import { suspendExternalUser } from '../users/remove-external.ts';
import { createWorkspace } from './create.ts';
import { joinByGroups } from './groups.ts';
import { listWorkspacesOf } from './list.ts';
import { addWorkspaceMember, changeWorkspaceMember, listWorkspaceMembers } from './members.ts';

let database: TestDatabase;
let handle: DatabaseHandle;
beforeAll(async () => {
  database = await createTestDatabase();
  handle = openDatabase(database.url, { poolSize: 3, applicationName: 'test', onError: () => {} });
});
afterAll(async () => {
  await handle.stop();
  await database.drop();
});

async function person(): Promise<string> {
  const id = `user_${randomUUID()}`;
  await insertUserOnce(handle.db, { id, email: `${id}@example.com`, role: 'member', passwordHash: null });
  return id;
}

async function team(...admins: readonly string[]): Promise<string> {
  const id = `workspace_${randomUUID()}`;
  const [first = '', ...others] = admins;
  await handle.db.transaction().execute((trx) => createWorkspace(trx, { id, name: 'Team', createdBy: first }));
  for (const accountId of others) {
    await addWorkspaceMember(handle.db, { workspaceId: id, accountId, role: 'admin', via: 'invited' });
  }
  return id;
}

const change = (workspaceId: string, accountId: string, role: 'viewer' | 'admin' | null) =>
  handle.db.transaction().execute((trx) => changeWorkspaceMember(trx, { workspaceId, accountId, role }));

test('a workspace is no account: nobody finds it among those of the installation', async () => {
  const ada = await person();
  const id = await team(ada);
  const ids = (await listMembers(handle.db)).map((member) => member.id);
  expect(ids).toContain(ada);
  expect(ids).not.toContain(id);
  expect(await listWorkspacesOf(handle.db, ada)).toMatchObject([{ id, name: 'Team', role: 'admin', deletedAt: null }]);
});

test('a member is added once, and keeps the role that it has', async () => {
  const [ada, bob] = [await person(), await person()];
  const id = await team(ada);
  const add = (role: 'viewer' | 'editor') =>
    addWorkspaceMember(handle.db, { workspaceId: id, accountId: bob, role, via: 'group' });
  expect([await add('viewer'), await add('editor')]).toEqual([true, false]);
  const members = (await listWorkspaceMembers(handle.db, id)).map(({ accountId, role, via }) => [accountId, role, via]);
  expect(members).toEqual([
    [ada, 'admin', 'invited'],
    [bob, 'viewer', 'group'],
  ]);
  expect(await change(id, bob, null)).toBe('changed');
  expect(await change(id, bob, null)).toBe('missing');
});

test('the last admin stays, also where two take the role from each other at once', async () => {
  const [ada, bob] = [await person(), await person()];
  expect(await change(await team(ada), ada, 'viewer')).toBe('last admin');
  const id = await team(ada, bob);
  const outcomes = await Promise.all([change(id, ada, 'viewer'), change(id, bob, null)]);
  expect(outcomes.toSorted()).toEqual(['changed', 'last admin']);
  expect((await listWorkspaceMembers(handle.db, id)).filter(({ role }) => role === 'admin')).toHaveLength(1);
});

test('groups raise what an admin gave, and take nothing of it away', async () => {
  const [ada, bob] = [await person(), await person()];
  const id = await team(ada);
  await addWorkspaceMember(handle.db, { workspaceId: id, accountId: bob, role: 'runner', via: 'invited' });
  const given = (accountId: string, role: 'viewer' | 'editor') =>
    joinByGroups(handle.db, accountId, new Map([[id, role]]));
  // Not even the last admin would be one.
  expect([await given(ada, 'viewer'), await joinByGroups(handle.db, ada, new Map())]).toEqual([false, false]);
  expect([await given(bob, 'viewer'), await given(bob, 'editor')]).toEqual([false, true]);
  const members = (await listWorkspaceMembers(handle.db, id)).map(({ accountId, role, via }) => [accountId, role, via]);
  expect(members).toEqual([
    [ada, 'admin', 'invited'],
    [bob, 'editor', 'group'],
  ]);
});

test('whoever a provider has shut out comes back as a member; whoever was removed does not', async () => {
  const ada = await person();
  const id = await team(ada, await person());
  const ids = async () => (await listWorkspacesOf(handle.db, ada)).map((workspace) => workspace.id);
  await handle.db.transaction().execute((trx) => suspendExternalUser(trx, ada));
  expect(await ids()).toEqual([id]);
  await removeMember(handle.db, ada);
  expect(await ids()).toEqual([]);
});
