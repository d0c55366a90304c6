import type { IncomingHttpHeaders } from 'node:http';
import type { UserRole } from '../../core/api/auth.ts';
import { apiKeyScopes, type ApiKeyScope } from '../../core/api/keys.ts';
import type { WorkspaceRole } from '../../core/scope.ts';
import type { AskingUser } from '../../db/users/rows.ts';

/** Who is asking. */
export interface Principal {
  readonly userId: string;
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** In the installation. */
  readonly role: UserRole;
  /** A `service` is a program's account, which belongs to the workspace that it is a member of. */
  readonly kind: 'person' | 'service';
  /** Roles in the workspaces that it shares with others, by their ids. */
  readonly memberships: ReadonlyMap<string, WorkspaceRole>;
  readonly hasPassword: boolean;
  readonly via: 'session' | 'api-key';
  /** The session or the key. */
  readonly credentialId: string;
  /** What the credential may do; the role of its user may allow less. */
  readonly scopes: readonly ApiKeyScope[];
  /** The only workspace that the credential is good for; null: all of the account. Default null. */
  readonly within?: string | null;
  /** What the credential may do at most in a workspace; null: what the account may. Default null. */
  readonly mostRole?: WorkspaceRole | null;
  /** When the credential ends by itself; null where it does not, or where that is looked up each time. */
  readonly expiresAt: Date | null;
}

/** What a request or a socket handshake brought along to prove who is asking. */
export interface Credentials {
  readonly bearer: string | null;
  /** All cookies by name, as they came. */
  readonly cookies: ReadonlyMap<string, string>;
}

/** The credentials in a request's headers; a bearer token wins over a cookie. */
export function credentialsOf(headers: IncomingHttpHeaders): Credentials {
  const bearer = /^Bearer +([^\s]{1,4096})$/i.exec(headers.authorization ?? '')?.[1] ?? null;
  // A header that is there but not a bearer token is a wrong credential, not a missing one.
  const isMalformed = bearer === null && headers.authorization !== undefined;
  return { bearer: isMalformed ? '' : bearer, cookies: cookiesOf(headers.cookie) };
}

/** The first of each name counts: a cookie for a wider path or domain comes later. */
function cookiesOf(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const end = part.indexOf('=');
    const name = part.slice(0, Math.max(0, end)).trim();
    if (name !== '' && !cookies.has(name)) cookies.set(name, part.slice(end + 1).trim());
  }
  return cookies;
}

/** A user's session may do whatever the user may. */
export function sessionPrincipal(user: AskingUser, credentialId: string, expiresAt: Date | null): Principal {
  return { ...personOf(user), via: 'session', credentialId, scopes: apiKeyScopes, expiresAt };
}

/** What people read of whoever asks: the address of a person, the name of a program. */
export function shownNameOf({ kind, email, firstName }: Pick<Principal, 'kind' | 'email' | 'firstName'>): string {
  return kind === 'person' ? email : (firstName ?? email);
}

/** The parts of a principal that say who it is. */
export function personOf({
  id,
  kind,
  memberships,
  ...user
}: AskingUser): Omit<Principal, 'via' | 'credentialId' | 'scopes' | 'expiresAt' | 'within' | 'mostRole'> {
  return {
    userId: id,
    ...user,
    kind: kind === 'service' ? 'service' : 'person',
    memberships: new Map(Object.entries(memberships ?? {})),
  };
}
