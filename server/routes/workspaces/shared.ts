import { workspaceGraceDays, type Workspace, type WorkspaceMember } from '../../../core/api/workspaces.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import type { Scope } from '../../../core/scope.ts';
import type { JoinedWorkspace } from '../../../db/workspaces/list.ts';
import type { WorkspaceMember as MemberRow } from '../../../db/workspaces/members.ts';
import type { Principal } from '../../auth/principal.ts';
import { roleIn } from '../../auth/scope-of.ts';

const dayMs = 24 * 60 * 60_000;

/** Somebody's own workspace as they see it; null for a program's account, which has none. */
export function ownWorkspace(principal: Principal): Workspace | null {
  const { userId, email } = principal;
  const role = roleIn(principal, userId);
  // It is as old as the account; nobody asks when.
  return role === null
    ? null
    : {
        ...{ id: userId, name: email, kind: 'personal', role },
        ...{ createdAt: null, deletedAt: null, endsAt: null, adminNamed: null },
      };
}

/** A workspace of several as one of its members sees it; null where it was deleted and they cannot restore it. */
export function workspaceOf(principal: Principal, row: JoinedWorkspace): Workspace | null {
  const { id, name, createdAt, deletedAt, adminNamedAt, adminNamed, adminNamedBy } = row;
  const role = roleIn(principal, id, row.role);
  if (role === null || (deletedAt !== null && role !== 'admin')) return null;
  return {
    id,
    name,
    kind: 'team',
    role,
    createdAt: createdAt.toISOString(),
    deletedAt: deletedAt?.toISOString() ?? null,
    endsAt: deletedAt === null ? null : new Date(deletedAt.getTime() + workspaceGraceDays * dayMs).toISOString(),
    adminNamed:
      adminNamedAt === null ? null : { at: adminNamedAt.toISOString(), account: adminNamed, by: adminNamedBy },
  };
}

/** The member as the API shows it. */
export function memberOf({ createdAt, ...row }: MemberRow): WorkspaceMember {
  return { ...row, createdAt: createdAt.toISOString() };
}

/** The workspace that a request names in its path. Throws REQUEST_INVALID where that is somebody's own. */
export function teamOf({ workspaceId, actorId }: Scope): string {
  if (workspaceId !== actorId) return workspaceId;
  throw new TerminalError(
    'REQUEST_INVALID',
    'This is your own workspace, which nobody else is in. Make another one to work with others.',
  );
}

/** LAST_ADMIN: nobody could name another one afterwards. */
export function lastAdmin(): TerminalError {
  return new TerminalError(
    'LAST_ADMIN',
    'This is the last admin of the workspace. Make somebody else an admin first, or delete the workspace.',
  );
}
