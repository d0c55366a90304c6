import { sql } from 'kysely';
import type { WorkspaceRole } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { endOf } from '../members/end-access.ts';
import {
  addWorkspaceMember,
  changeWorkspaceMember,
  holdWorkspace,
  listWorkspaceMembers,
  type MembershipChange,
} from './members.ts';

/** Makes a program's account, which belongs to one workspace. Nobody can sign in with it. False where there are `most` already. */
export async function createServiceAccount(
  db: Db,
  account: { readonly id: string; readonly name: string; readonly workspaceId: string; readonly role: WorkspaceRole },
  most: number,
): Promise<boolean> {
  const { id, name, workspaceId, role } = account;
  return db.transaction().execute(async (trx) => {
    await holdWorkspace(trx, workspaceId);
    const programs = (await listWorkspaceMembers(trx, workspaceId)).filter(({ kind }) => kind === 'service');
    if (programs.length >= most) return false;
    // No address: its id stands there.
    await trx.insertInto('users').values({ id, email: id, first_name: name, kind: 'service' }).execute();
    await addWorkspaceMember(trx, { workspaceId, accountId: id, role, via: 'invited' });
    return true;
  });
}

/** Whether an account is a program's that belongs to a workspace. */
export async function isServiceAccountOf(db: Db, workspaceId: string, accountId: string): Promise<boolean> {
  const row = await db
    .selectFrom('users as u')
    .innerJoin('workspace_members as m', 'm.account_id', 'u.id')
    .select('u.id')
    .where('u.id', '=', accountId)
    .where('u.kind', '=', 'service')
    .where('u.removed_at', 'is', null)
    .where('m.workspace_id', '=', workspaceId)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Takes somebody out of a workspace; a program's account ends with that, and its keys. What the account may do has to be
 * announced after the commit.
 */
export async function leaveWorkspace(db: Db, workspaceId: string, accountId: string): Promise<MembershipChange> {
  return db.transaction().execute(async (trx) => {
    const isService = await isServiceAccountOf(trx, workspaceId, accountId);
    const change = await changeWorkspaceMember(trx, { workspaceId, accountId, role: null });
    if (change !== 'changed' || !isService) return change;
    await trx
      .updateTable('users')
      .set({ removed_at: sql<Date>`now()` })
      .where('id', '=', accountId)
      .execute();
    await endOf(trx, accountId, ['account', 'membership']);
    return change;
  });
}
