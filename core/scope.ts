import type { UserRole } from './api/auth.ts';

/**
 * What every question of access is asked with: where, who, and with which rights.
 * Today each account has one workspace, its own, which has the id of the account.
 */
export interface Scope {
  /** The workspace that workflows, runs and files belong to. */
  readonly workspaceId: string;
  /** The account that acts. */
  readonly actorId: string;
  readonly role: UserRole;
}

/** Where something is, for what does not depend on who asks. */
export type InWorkspace = Pick<Scope, 'workspaceId'>;
