import { TerminalError } from '../../core/errors/app-error.ts';
import { allows, smallerRole, type Scope, type WorkspaceRole } from '../../core/scope.ts';
import type { Queryable } from '../../db/statement.ts';
import { findOwnerOf, type OwnedThing } from '../../db/workspaces/find-owner.ts';
import type { Principal } from './principal.ts';

/** What says who somebody is among workspaces. */
export type Asking = Pick<Principal, 'userId' | 'role' | 'kind' | 'memberships' | 'within' | 'mostRole'>;

/** Something that belongs to a workspace, by its id; or the workspace itself, null: the one of whoever asks. */
export type InQuestion =
  { readonly of: OwnedThing; readonly id: string | number } | { readonly of: 'workspace'; readonly id: string | null };

/** What an account may do at most, wherever it is. */
const mostAnywhere: Readonly<Record<Principal['role'], WorkspaceRole>> = {
  owner: 'admin',
  member: 'admin',
  viewer: 'viewer',
};

/** The workspace that is meant where none is named: a person's own, or the one that a program's account or a key is for. */
export function homeOf({ userId, kind, memberships, within = null }: Asking): string {
  if (within !== null) return within;
  return kind === 'service' ? ([...memberships.keys()][0] ?? userId) : userId;
}

/**
 * What somebody may do in a workspace; null where they are no member of it. The owner of the installation is none by that.
 * `role`: what they are there; default: what they were when they began to ask.
 */
export function roleIn(
  asking: Asking,
  workspaceId: string,
  role: WorkspaceRole | undefined = asking.memberships.get(workspaceId),
): WorkspaceRole | null {
  const { within = null, mostRole = null } = asking;
  if (within !== null && within !== workspaceId) return null;
  const most = mostRole === null ? mostAnywhere[asking.role] : smallerRole(mostAnywhere[asking.role], mostRole);
  if (workspaceId === asking.userId) return asking.kind === 'person' ? most : null;
  return role === undefined ? null : smallerRole(role, most);
}

/** The scope of whoever asks in a workspace; null where they are no member of it. */
export function scopeIn(asking: Asking, workspaceId: string): Scope | null {
  const role = roleIn(asking, workspaceId);
  return role === null ? null : { workspaceId, actorId: asking.userId, role };
}

/**
 * In which scope somebody asks about something. This is the one door to things of workspaces: whoever is no member of the
 * workspace of a thing gets the scope of their own, in which there is no such thing, so that the answer is that for one
 * that does not exist. Whoever is a member of none but their own is not looked up at all.
 *
 * Throws WORKSPACE_NOT_FOUND where a workspace is named, or the key is for one, that whoever asks is no member of.
 */
export async function scopeOf(on: Queryable, asking: Asking, about: InQuestion): Promise<Scope> {
  const home = homeOf(asking);
  const inHome = scopeIn(asking, home);
  // The workspace that the key is for is closed to its account by now.
  if (inHome === null && home === asking.within) throw workspaceNotFound(home);
  const ownScope = inHome ?? { workspaceId: home, actorId: asking.userId, role: 'viewer' };
  if (about.of === 'workspace') {
    if (about.id === null || about.id === home) return ownScope;
    const scope = scopeIn(asking, about.id);
    if (scope === null) throw workspaceNotFound(about.id);
    return scope;
  }
  if (asking.memberships.size === 0) return ownScope;
  const owner = await findOwnerOf(on, about.of, about.id);
  return (owner === null ? null : scopeIn(asking, owner)) ?? ownScope;
}

/** Throws ROLE_MISSING where the role of a scope is too small. */
export function requireRole({ role }: Pick<Scope, 'role'>, needed: WorkspaceRole): void {
  if (allows(role, needed)) return;
  throw new TerminalError(
    'ROLE_MISSING',
    `In this workspace you are ${roleNames[role]}; this takes ${roleNames[needed]}. Ask an admin of the workspace for another role.`,
  );
}

const roleNames: Readonly<Record<WorkspaceRole, string>> = {
  viewer: 'a viewer',
  runner: 'a runner',
  editor: 'an editor',
  admin: 'an admin',
};

/** The same answer for a workspace that is not there and for one of others. */
export function workspaceNotFound(id: string): TerminalError {
  return new TerminalError(
    'WORKSPACE_NOT_FOUND',
    `There is no workspace ${id} that you are a member of. Choose one from the list.`,
  );
}
