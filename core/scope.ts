/**
 * What somebody may do in a workspace; each role may do what those before it may. `viewer` looks, `runner` runs workflows
 * and answers what they ask, `editor` changes things, `admin` decides about members, secrets and provider keys.
 */
export const workspaceRoles = ['viewer', 'runner', 'editor', 'admin'] as const;
export type WorkspaceRole = (typeof workspaceRoles)[number];

/** Whether a role may do what `needed` is the smallest role for. */
export function allows(role: WorkspaceRole, needed: WorkspaceRole): boolean {
  return workspaceRoles.indexOf(role) >= workspaceRoles.indexOf(needed);
}

/** The smaller one of two roles. */
export function smallerRole(one: WorkspaceRole, other: WorkspaceRole): WorkspaceRole {
  return allows(one, other) ? other : one;
}

/**
 * What every question of access is asked with: where, who, and with which rights.
 * Each account has a workspace of its own, which has the id of the account.
 */
export interface Scope {
  /** The workspace that workflows, runs and files belong to. */
  readonly workspaceId: string;
  /** The account that acts. */
  readonly actorId: string;
  /** What the account may do in the workspace. */
  readonly role: WorkspaceRole;
}

/** Who acts, as it is written beside what was done: null where that is the owner of it. */
export function recordedActor({ workspaceId, actorId }: Scope): string | null {
  return actorId === workspaceId ? null : actorId;
}

/** Where something is, for what does not depend on who asks. */
export type InWorkspace = Pick<Scope, 'workspaceId'>;
