import type { WorkspaceRole } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { addWorkspaceMember } from './members.ts';

/** Somebody who becomes a member with an account of this address. */
export interface InvitedToWorkspace {
  readonly id: string;
  readonly email: string;
  readonly role: WorkspaceRole;
  readonly createdAt: Date;
}

const columns = ['id', 'email', 'role', 'created_at as createdAt'] as const;

/** Writes down that an address (lower case) is to be a member; once more, it is given the new role. */
export async function inviteToWorkspace(
  db: Db,
  invitation: {
    readonly id: string;
    readonly workspaceId: string;
    readonly email: string;
    readonly role: WorkspaceRole;
    readonly invitedBy: string;
  },
): Promise<InvitedToWorkspace> {
  return db
    .insertInto('workspace_invitations')
    .values({
      id: invitation.id,
      workspace_id: invitation.workspaceId,
      email: invitation.email,
      role: invitation.role,
      invited_by: invitation.invitedBy,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'email'])
        .doUpdateSet({ role: invitation.role, invited_by: invitation.invitedBy }),
    )
    .returning(columns)
    .executeTakeFirstOrThrow();
}

/** Those who are to be members of a workspace, the oldest first. */
export function listInvitedTo(db: Db, workspaceId: string): Promise<InvitedToWorkspace[]> {
  return db
    .selectFrom('workspace_invitations')
    .select(columns)
    .where('workspace_id', '=', workspaceId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** How many are to be members of a workspace. */
export async function countInvitedTo(db: Db, workspaceId: string): Promise<number> {
  const { count } = await db
    .selectFrom('workspace_invitations')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Takes it back, and returns the address; null where nobody of that id is to be a member. */
export async function withdrawFromWorkspace(db: Db, workspaceId: string, id: string): Promise<string | null> {
  const row = await db
    .deleteFrom('workspace_invitations')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .returning('email')
    .executeTakeFirst();
  return row?.email ?? null;
}

/**
 * Makes an account a member of the workspaces that its address is to be one of. Call it in the transaction that makes the
 * account, or that has shown whose the address (lower case) is. Relies on workspace_invitations_email.
 */
export async function joinInvitedWorkspaces(trx: Db, email: string, accountId: string): Promise<void> {
  const rows = await trx
    .deleteFrom('workspace_invitations')
    .where('email', '=', email)
    .returning(['workspace_id as workspaceId', 'role'])
    .execute();
  for (const { workspaceId, role } of rows) {
    await addWorkspaceMember(trx, { workspaceId, accountId, role, via: 'invited' });
  }
}
