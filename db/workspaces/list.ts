import { sql } from 'kysely';
import type { WorkspaceRole } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { shownAs } from '../users/shown-as.ts';

/** A workspace of several, as one of its members sees it. */
export interface JoinedWorkspace {
  readonly id: string;
  readonly name: string;
  readonly role: WorkspaceRole;
  readonly createdAt: Date;
  /** Set: it was deleted and can still be restored. */
  readonly deletedAt: Date | null;
  /** When an owner of the installation named an admin, and whom; null: not within the last 30 days. */
  readonly adminNamedAt: Date | null;
  readonly adminNamed: string | null;
  readonly adminNamedBy: string | null;
}

/** So long its members are told of it. */
const toldDays = 30;

/** The workspaces that an account has joined, by name; its own one is not among them. Relies on workspace_members (account_id). */
export async function listWorkspacesOf(db: Db, accountId: string): Promise<readonly JoinedWorkspace[]> {
  return db
    .selectFrom('workspace_members as m')
    .innerJoin('workspaces as w', 'w.id', 'm.workspace_id')
    .select([
      'w.id',
      'w.name',
      'm.role',
      'w.created_at as createdAt',
      'w.deleted_at as deletedAt',
      sql<Date | null>`case when w.admin_named_at > now() - make_interval(days => ${toldDays}) then w.admin_named_at end`.as(
        'adminNamedAt',
      ),
      sql<string | null>`${sql.raw(shownAs('w.admin_named_id'))}`.as('adminNamed'),
      sql<string | null>`${sql.raw(shownAs('w.admin_named_by'))}`.as('adminNamedBy'),
    ])
    .where('m.account_id', '=', accountId)
    .orderBy('w.name')
    .orderBy('w.id')
    .execute();
}
