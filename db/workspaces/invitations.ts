import { sql } from 'kysely';
import type { WorkspaceRole } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { fromNow } from '../time-sql.ts';
import { shownAs } from '../users/shown-as.ts';
import { decides } from './admins.ts';
import { addWorkspaceMember } from './members.ts';

/** Somebody who becomes a member with an account that has shown that this address is theirs, or by a link. */
export interface InvitedToWorkspace {
  readonly id: string;
  readonly email: string;
  readonly role: WorkspaceRole;
  readonly createdAt: Date;
}

const columns = ['id', 'email', 'role', 'created_at as createdAt'] as const;

/**
 * Writes down that an address (lower case) is to be a member, with a link that makes whoever opens it one. Once more, it is
 * given the new role and link; the one before does not work any more.
 */
export async function inviteToWorkspace(
  db: Db,
  invitation: {
    readonly id: string;
    readonly workspaceId: string;
    readonly email: string;
    readonly role: WorkspaceRole;
    readonly invitedBy: string;
    /** SHA-256 of the link's token. */
    readonly tokenHash: Buffer;
    readonly linkTtlMs: number;
  },
): Promise<InvitedToWorkspace> {
  const given = {
    role: invitation.role,
    invited_by: invitation.invitedBy,
    token_hash: invitation.tokenHash,
    link_expires_at: fromNow(invitation.linkTtlMs),
  };
  return db
    .insertInto('workspace_invitations')
    .values({
      id: invitation.id,
      workspace_id: invitation.workspaceId,
      email: invitation.email,
      ...given,
    })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'email']).doUpdateSet(given))
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
 * Makes an account a member of the workspaces that its address is to be one of, where whoever wrote that down still decides
 * about them; the others stay as they are, for an admin to do it again. Call it in the transaction that makes the
 * account, or that has shown whose the address (lower case) is. Relies on workspace_invitations_email.
 */
export async function joinInvitedWorkspaces(trx: Db, email: string, accountId: string): Promise<void> {
  const rows = await trx
    .deleteFrom('workspace_invitations')
    .where('email', '=', email)
    .where(stillDecided('workspace_invitations'))
    .returning(['workspace_id as workspaceId', 'role'])
    .execute();
  for (const { workspaceId, role } of rows) {
    await addWorkspaceMember(trx, { workspaceId, accountId, role, via: 'invited' });
  }
}

/** What somebody sees of a link before they use it. */
export interface ShownWorkspaceInvitation {
  readonly workspaceId: string;
  readonly workspace: string;
  readonly role: WorkspaceRole;
  /** The address that it was made for. */
  readonly email: string;
  readonly invitedBy: string | null;
}

/**
 * Where a link (SHA-256 of its token) leads; null where it was used or withdrawn, is too old, whoever made it decides about
 * the workspace no longer, or the workspace was deleted.
 */
export async function findWorkspaceInvitation(db: Db, tokenHash: Buffer): Promise<ShownWorkspaceInvitation | null> {
  const row = await openLinks(db)
    .select([
      'i.workspace_id as workspaceId',
      'w.name as workspace',
      'i.role',
      'i.email',
      sql<string | null>`${sql.raw(shownAs('i.invited_by'))}`.as('invitedBy'),
    ])
    .where('i.token_hash', '=', tokenHash)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Makes an account a member by a link, which is used up by that; whoever is one already keeps their role. Null as above. What
 * the account may do has to be announced after the commit.
 */
export async function joinByLink(
  db: Db,
  tokenHash: Buffer,
  accountId: string,
): Promise<(ShownWorkspaceInvitation & { readonly isNew: boolean }) | null> {
  return db.transaction().execute(async (trx) => {
    const found = await findWorkspaceInvitation(trx, tokenHash);
    if (found === null) return null;
    const used = await trx
      .deleteFrom('workspace_invitations')
      .where('token_hash', '=', tokenHash)
      .returning(['role', 'workspace_id'])
      .executeTakeFirst();
    if (used === undefined) return null;
    const isNew = await addWorkspaceMember(trx, {
      workspaceId: used.workspace_id,
      accountId,
      role: used.role,
      via: 'invited',
    });
    return { ...found, role: used.role, isNew };
  });
}

/** A link is good as long as whoever made it could make another one: who has been removed does not come back by it. */
function openLinks(db: Db) {
  return db
    .selectFrom('workspace_invitations as i')
    .innerJoin('workspaces as w', 'w.id', 'i.workspace_id')
    .where('w.deleted_at', 'is', null)
    .where('i.link_expires_at', '>', sql<Date>`now()`)
    .where(stillDecided('i'));
}

/** Whether whoever made an invitation, a row of `table`, could make another one. */
function stillDecided(table: string) {
  const row = sql.ref(table);
  return sql<boolean>`exists (select from workspace_members m join users u on u.id = m.account_id
                               where m.workspace_id = ${row}.workspace_id and m.account_id = ${row}.invited_by and ${sql.raw(decides)})`;
}
