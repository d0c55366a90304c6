import type { WorkspaceRole } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { listDeciding } from './admins.ts';

/** How somebody became a member. */
export type MemberVia = 'invited' | 'group';

/** A member of a workspace. */
export interface WorkspaceMember {
  readonly accountId: string;
  /** `service`: a program's account, whose name stands in `firstName`. */
  readonly kind: 'person' | 'service';
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly role: WorkspaceRole;
  readonly via: MemberVia;
  readonly createdAt: Date;
}

/** What came of a change of a member. `last admin`: the workspace would have none left. */
export type MembershipChange = 'changed' | 'missing' | 'last admin';

/** The members of a workspace, the oldest first; those whose account was removed are left out. Relies on its primary key. */
export async function listWorkspaceMembers(db: Db, workspaceId: string): Promise<readonly WorkspaceMember[]> {
  const rows = await db
    .selectFrom('workspace_members as m')
    .innerJoin('users as u', 'u.id', 'm.account_id')
    .select([
      'm.account_id as accountId',
      'u.kind',
      'u.email',
      'u.first_name as firstName',
      'u.last_name as lastName',
      'm.role',
      'm.via',
      'm.created_at as createdAt',
    ])
    .where('m.workspace_id', '=', workspaceId)
    .where('u.removed_at', 'is', null)
    .orderBy('m.created_at')
    .orderBy('m.account_id')
    .execute();
  return rows.map(({ kind, ...row }) => ({ ...row, kind: kind === 'service' ? 'service' : 'person' }));
}

/** Adds a member, unless it is one already; says whether it was added. */
export async function addWorkspaceMember(
  db: Db,
  member: {
    readonly workspaceId: string;
    readonly accountId: string;
    readonly role: WorkspaceRole;
    readonly via: MemberVia;
  },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('workspace_members')
    .values({
      workspace_id: member.workspaceId,
      account_id: member.accountId,
      role: member.role,
      via: member.via,
    })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'account_id']).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Holds a workspace until the transaction ends: one at a time counts its members and changes them. */
export async function holdWorkspace(trx: Db, workspaceId: string): Promise<void> {
  await trx.selectFrom('workspaces').select('id').where('id', '=', workspaceId).forNoKeyUpdate().execute();
}

/**
 * Gives a member another role, or takes the membership where `role` is null. The workspace is held until the transaction
 * ends: two admins who take each other's role at once cannot both succeed. What the account may do has to be announced
 * after the commit (`announceAccess`).
 */
export async function changeWorkspaceMember(
  trx: Db,
  { workspaceId, accountId, role }: { workspaceId: string; accountId: string; role: WorkspaceRole | null },
): Promise<MembershipChange> {
  await holdWorkspace(trx, workspaceId);
  const members = await listWorkspaceMembers(trx, workspaceId);
  const member = members.find((one) => one.accountId === accountId);
  if (member === undefined) return 'missing';
  if (member.role === 'admin' && role !== 'admin') {
    const deciding = await listDeciding(trx, workspaceId);
    if (!deciding.some((id) => id !== accountId)) return 'last admin';
  }
  const row = { workspace_id: workspaceId, account_id: accountId };
  if (role === null) {
    await trx
      .deleteFrom('workspace_members')
      .where('workspace_id', '=', row.workspace_id)
      .where('account_id', '=', row.account_id)
      .execute();
  } else {
    await trx
      .updateTable('workspace_members')
      .set({ role })
      .where('workspace_id', '=', row.workspace_id)
      .where('account_id', '=', row.account_id)
      .execute();
  }
  return 'changed';
}
