import type { WorkspaceRole } from '../../core/scope.ts';
import type { Db } from '../client.ts';

/** A workspace of several, as one of its members sees it. */
export interface JoinedWorkspace {
  readonly id: string;
  readonly name: string;
  readonly role: WorkspaceRole;
  readonly createdAt: Date;
  /** Set: it was deleted and can still be restored. */
  readonly deletedAt: Date | null;
}

/** The workspaces that an account has joined, by name; its own one is not among them. Relies on workspace_members (account_id). */
export async function listWorkspacesOf(db: Db, accountId: string): Promise<readonly JoinedWorkspace[]> {
  return db
    .selectFrom('workspace_members as m')
    .innerJoin('workspaces as w', 'w.id', 'm.workspace_id')
    .select(['w.id', 'w.name', 'm.role', 'w.created_at as createdAt', 'w.deleted_at as deletedAt'])
    .where('m.account_id', '=', accountId)
    .orderBy('w.name')
    .orderBy('w.id')
    .execute();
}
