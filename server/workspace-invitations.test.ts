import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { insertUserOnce } from '../db/users/insert.ts';
import { saveExternalUser } from '../db/users/save-external.ts';
import type { TestServer, TestUser } from '../testing/test-server.ts';
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

describe('somebody without an account', () => {
  test('is a member once they have one; whoever may let people in gets the link', async () => {
    const id = await makeWorkspace();
    const email = `${randomUUID()}@example.com`;
    expect((await add(id, email, 'editor')).body).toMatchObject({
      member: null,
      invited: { email },
      path: expect.stringMatching(/^\/join#token=/),
    });
    await add(id, owner.email, 'admin');
    const { path } = (await add(id, email, 'runner', owner)).body;
    expect(path).toMatch(/^\/invitation#token=/);
    expect((await membersOf(ada, id)).invited).toMatchObject([{ email, role: 'runner' }]);
    const token = path.split('#token=')[1];
    const password = 'correct horse battery';
    const joined = await server.call('POST', '/api/auth/accept-invitation', { body: { token, password } });
    const { items, invited } = await membersOf(ada, id);
    expect(invited).toEqual([]);
    expect(items.find(({ accountId }) => accountId === joined.body.id)).toMatchObject({ email, role: 'runner' });
  });

  test('is one as soon as an identity provider has shown whose the address is, and not before', async () => {
    const id = await makeWorkspace();
    const email = `${randomUUID()}@example.com`;
    await add(id, email, 'editor');
    const save = (externalId: string, isEmailVerified: boolean) =>
      server.database.db
        .transaction()
        .execute((trx) =>
          saveExternalUser(trx, { externalId, email, isEmailVerified, at: new Date() }, `user_${randomUUID()}`),
        );
    await save(randomUUID(), false);
    expect((await membersOf(ada, id)).items).toHaveLength(1);
    await save(randomUUID(), true);
    expect(await membersOf(ada, id)).toMatchObject({ items: [{}, { email, role: 'editor' }], invited: [] });
  });

  test('is none any more when that is taken back', async () => {
    const id = await makeWorkspace();
    const email = `${randomUUID()}@example.com`;
    const { invited } = (await add(id, email, 'editor')).body;
    expect((await ada.call('DELETE', `/api/workspaces/${id}/invited/${invited.id}`)).status).toBe(204);
    expect(await answer(ada, 'DELETE', `/api/workspaces/${id}/invited/${invited.id}`)).toMatchObject({
      code: 'INVITATION_NOT_FOUND',
    });
    await insertUserOnce(server.database.db, {
      id: `user_${randomUUID()}`,
      email,
      role: 'member',
      passwordHash: null,
    });
    expect(await membersOf(ada, id)).toMatchObject({ items: [{ accountId: ada.id }], invited: [] });
  });
});

describe('an address that only the account itself says is its own', () => {
  const tokenIn = (path: string) => path.split('#token=')[1];
  const join = (user: TestUser, token: string | undefined) =>
    user.call('POST', '/api/workspace-invitations/join', { body: { token } });

  test('opens nothing; whoever gets the link joins, once', async () => {
    const id = await makeWorkspace('Secret plans');
    const email = `${randomUUID()}@example.com`;
    const squatter = await server.signIn(await server.addUser());
    expect((await squatter.call('PUT', '/api/me', { body: { email } })).status).toBe(200);
    const { member, invited, path } = (await add(id, email, 'editor')).body;
    expect({ member, invited }).toMatchObject({ member: null, invited: { email, role: 'editor' } });
    expect((await workspacesOf(squatter)).map((workspace) => workspace.id)).not.toContain(id);
    // Somebody else, who is who was meant, and whom the admin sends the link.
    const friend = await server.signIn(await server.addUser());
    const body = { token: tokenIn(path) };
    expect((await friend.call('POST', '/api/workspace-invitations/show', { body })).body).toEqual({
      ...{ workspaceId: id, workspace: 'Secret plans', role: 'editor', email, invitedBy: ada.email },
    });
    expect((await join(friend, body.token)).body).toMatchObject({ id, role: 'editor', kind: 'team' });
    expect((await friend.call('GET', `/api/workflows?workspaceId=${id}`)).status).toBe(200);
    expect(await membersOf(ada, id)).toMatchObject({ items: [{}, { accountId: friend.id }], invited: [] });
    expect((await join(squatter, body.token)).body.code).toBe('INVITATION_NOT_FOUND');
    const log = (await ada.call('GET', `/api/workspaces/${id}/audit`)).body.items as { action: string }[];
    expect(log.find(({ action }) => action === 'workspace.join')).toMatchObject({
      actor: { email: friend.email },
      details: { role: 'editor', invited: email },
    });
  });

  test('a link ends with a newer one, when it is taken back, and after its time', async () => {
    const id = await makeWorkspace();
    const email = `${randomUUID()}@example.com`;
    const links: (string | undefined)[] = [];
    const invite = async () => {
      const { path, invited } = (await add(id, email, 'viewer')).body;
      links.push(tokenIn(path));
      return invited.id as string;
    };
    await invite();
    const invitedId = await invite();
    await server.database.pool.query(`update workspace_invitations set link_expires_at = now() where id = $1`, [
      invitedId,
    ]);
    for (const link of links) expect((await join(ben, link)).body.code).toBe('INVITATION_NOT_FOUND');
    await invite();
    await ada.call('DELETE', `/api/workspaces/${id}/invited/${invitedId}`);
    for (const link of links) expect((await join(ben, link)).status).toBe(404);
    expect((await membersOf(ada, id)).items).toHaveLength(1);
  });

  test('a link opens nothing while who made it decides about the workspace no longer', async () => {
    const id = await makeWorkspace();
    const second = await server.signIn(await server.addUser());
    expect((await add(id, second.email, 'admin')).status).toBe(201);
    // A way back in, for themselves.
    const token = tokenIn((await add(id, `${randomUUID()}@example.com`, 'admin', second)).body.path);
    const role = (of: string) =>
      ada.call('PATCH', `/api/workspaces/${id}/members/${second.id}`, { body: { role: of } });
    expect((await role('editor')).status).toBe(204);
    expect((await join(ben, token)).body.code).toBe('INVITATION_NOT_FOUND');
    expect((await ada.call('DELETE', `/api/workspaces/${id}/members/${second.id}`)).status).toBe(204);
    expect((await join(second, token)).body.code).toBe('INVITATION_NOT_FOUND');
    expect((await second.call('POST', '/api/workspace-invitations/show', { body: { token } })).status).toBe(404);
    expect((await membersOf(ada, id)).items).toHaveLength(1);
    expect((await add(id, second.email, 'admin')).status).toBe(201);
    expect((await join(ben, token)).body).toMatchObject({ id, role: 'admin' });
  });

  test('is no way in either for who shows it, where whoever invited it decides no longer, until an admin does so again', async () => {
    const id = await makeWorkspace();
    const second = await server.signIn(await server.addUser());
    const email = `${randomUUID()}@example.com`;
    await add(id, second.email, 'admin');
    await add(id, email, 'admin', second);
    expect((await ada.call('DELETE', `/api/workspaces/${id}/members/${second.id}`)).status).toBe(204);
    const externalId = randomUUID();
    const show = () =>
      server.database.db
        .transaction()
        .execute((trx) =>
          saveExternalUser(trx, { externalId, email, isEmailVerified: true, at: new Date() }, `user_${randomUUID()}`),
        );
    await show();
    expect(await membersOf(ada, id)).toMatchObject({ items: [{}], invited: [{ email }] });
    expect((await add(id, email, 'viewer')).body.member).toMatchObject({ email, role: 'viewer' });
  });

  test('is the person’s once an identity provider has said so, until they write another one', async () => {
    const id = await makeWorkspace();
    const email = `${randomUUID()}@example.com`;
    const person = { externalId: randomUUID(), email };
    const save = (isEmailVerified: boolean) =>
      server.database.db
        .transaction()
        .execute((trx) =>
          saveExternalUser(trx, { ...person, isEmailVerified, at: new Date() }, `user_${randomUUID()}`),
        );
    await save(false);
    const { member, invited } = (await add(id, email, 'viewer')).body;
    expect(member).toBeNull();
    await ada.call('DELETE', `/api/workspaces/${id}/invited/${invited.id}`);
    await save(true);
    expect((await add(id, email, 'viewer')).body.member).toMatchObject({ email });
    await server.database.pool.query(`update users set email_changed_at = now() where email = $1`, [email]);
    expect((await add(await makeWorkspace(), email, 'viewer')).body.member).toBeNull();
  });
});
