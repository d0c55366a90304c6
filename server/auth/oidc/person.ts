import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { UserRole } from '../../../core/api/auth.ts';
import { workspaceRoles, type WorkspaceRole } from '../../../core/scope.ts';
import type { ExternalProfile } from '../../../db/users/save-external.ts';
import type { OidcProvider } from './settings.ts';

const text = z.string().trim().min(1).max(255).nullish().catch(null);

/** What is read of the claims of a person, of their ID token and what the provider says about them. */
export const personSchema = z.object({
  sub: z.string().min(1).max(255),
  email: text,
  email_verified: z
    .union([z.boolean(), z.literal('true').transform(() => true)])
    .nullish()
    .catch(null),
  given_name: text,
  family_name: text,
});

/** Roles from the highest to the lowest. */
const ranked = ['owner', 'member', 'viewer'] as const;

/** The groups that a claim lists: a list of texts, one text, or nothing; anything else is nothing. */
export function groupsOf(claims: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = claims[name];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((group): group is string => typeof group === 'string') : [];
}

/**
 * The role that the provider's groups give: the highest. `refused` where they give none and there is no default;
 * `own` where roles are not the provider's matter.
 */
export function roleOf(
  { roles, defaultRole }: Pick<OidcProvider, 'roles' | 'defaultRole'>,
  groups: readonly string[],
): UserRole | 'refused' | 'own' {
  if (roles === null) return 'own';
  return ranked.find((role) => roles[role].some((group) => groups.includes(group))) ?? defaultRole ?? 'refused';
}

/** The roles in workspaces that the provider's groups give, by the id of the workspace: of each the highest. */
export function workspaceRolesOf(
  { workspaces }: Pick<OidcProvider, 'workspaces'>,
  groups: readonly string[],
): ReadonlyMap<string, WorkspaceRole> {
  const given = new Map<string, WorkspaceRole>();
  for (const [id, byRole] of Object.entries(workspaces)) {
    const role = workspaceRoles.findLast((one) => byRole[one].some((group) => groups.includes(group)));
    if (role !== undefined) given.set(id, role);
  }
  return given;
}

/** One person at one provider, whatever the provider's ids look like: 64 hexadecimal digits after `oidc:`. */
export function externalIdOf(issuer: string, subject: string): string {
  const hash = createHash('sha256').update(JSON.stringify([issuer, subject]));
  return `oidc:${hash.digest('hex')}`;
}

/** What the provider says about a person. */
export function profileOf(
  { issuer, trustEmail }: Pick<OidcProvider, 'issuer' | 'trustEmail'>,
  claims: z.output<typeof personSchema>,
  at: Date,
): ExternalProfile {
  return {
    externalId: externalIdOf(issuer, claims.sub),
    email: claims.email?.toLowerCase() ?? null,
    isEmailVerified: claims.email_verified ?? trustEmail,
    firstName: claims.given_name ?? undefined,
    lastName: claims.family_name ?? undefined,
    at,
  };
}
