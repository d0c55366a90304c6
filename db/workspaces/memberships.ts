import type { WorkspaceRole } from '../../core/scope.ts';

/** Roles by workspace, of those that a team shares; null: the account has its own one only. */
export type Memberships = Readonly<Record<string, WorkspaceRole>>;

/** The memberships of the user of a row, for a statement that reads it. Relies on workspace_members (account_id). */
export function membershipsOf(table: 'u' | 'users'): string {
  return `(select json_object_agg(m.workspace_id, m.role)
       from workspace_members m join workspaces w on w.id = m.workspace_id and w.deleted_at is null
      where m.account_id = ${table}.id)`;
}
