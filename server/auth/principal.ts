import type { IncomingHttpHeaders } from 'node:http';

export type UserRole = 'owner' | 'member' | 'viewer';

/** Who is asking. */
export interface Principal {
  readonly userId: string;
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly role: UserRole;
  readonly via: 'session' | 'api-key';
  /** The session or the key. */
  readonly credentialId: string;
}

/** What a request or a socket handshake brought along to prove who is asking. */
export interface Credentials {
  readonly bearer: string | null;
  readonly session: string | null;
}

/**
 * The one door to authentication, used by HTTP and Socket.IO alike; nothing
 * else knows how users prove who they are.
 */
export interface AuthProvider {
  /** Shown to the web app, so that it can draw the right sign-in form. */
  readonly mode: 'local' | 'clerk';
  /** Null where the credentials are wrong, expired or revoked. */
  authenticate(credentials: Credentials): Promise<Principal | null>;
}

/** Name of the session cookie. */
export const sessionCookie = 'heddle_session';

/** The credentials in a request's headers; a bearer token wins over a cookie. */
export function credentialsOf(headers: IncomingHttpHeaders): Credentials {
  const bearer = /^Bearer +([^\s]{1,4096})$/i.exec(headers.authorization ?? '')?.[1] ?? null;
  // A header that is there but not a bearer token is a wrong credential, not a missing one.
  const isMalformed = bearer === null && headers.authorization !== undefined;
  return { bearer: isMalformed ? '' : bearer, session: cookieOf(headers.cookie, sessionCookie) };
}

function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, value] = part.split('=', 2);
    if (key?.trim() === name && value !== undefined) return value.trim();
  }
  return null;
}
