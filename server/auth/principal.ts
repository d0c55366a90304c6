import type { IncomingHttpHeaders } from 'node:http';
import type { UserRole } from '../../core/api/auth.ts';
import { apiKeyScopes, type ApiKeyScope } from '../../core/api/keys.ts';
import type { Scope } from '../../core/scope.ts';
import type { UserRow } from '../../db/users/rows.ts';

/** Who is asking. */
export interface Principal {
  readonly userId: string;
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly role: UserRole;
  readonly hasPassword: boolean;
  readonly via: 'session' | 'api-key';
  /** The session or the key. */
  readonly credentialId: string;
  /** What the credential may do; the role of its user may allow less. */
  readonly scopes: readonly ApiKeyScope[];
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
export function sessionPrincipal(user: UserRow, credentialId: string, expiresAt: Date | null): Principal {
  return { ...personOf(user), via: 'session', credentialId, scopes: apiKeyScopes, expiresAt };
}

/** In which scope somebody asks: their own workspace, which has the id of the account. */
export function scopeOf({ userId, role }: Pick<Principal, 'userId' | 'role'>): Scope {
  return { workspaceId: userId, actorId: userId, role };
}

/** The parts of a principal that say who it is. */
export function personOf({
  id,
  ...user
}: UserRow): Pick<Principal, 'userId' | 'email' | 'firstName' | 'lastName' | 'role' | 'hasPassword'> {
  return { userId: id, ...user };
}
