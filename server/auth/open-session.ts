import type { Request, Response } from 'express';
import type pg from 'pg';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { Db } from '../../db/client.ts';
import { deleteSession } from '../../db/sessions/delete.ts';
import { findSession, type SessionMethod } from '../../db/sessions/find.ts';
import type { NewOidcSession } from '../../db/oidc-sessions/insert.ts';
import { insertSession } from '../../db/sessions/insert.ts';
import { basePathOf, type BasePathSettings } from '../request/base-path.ts';
import { announceAccess, type Announcing } from './announce-access.ts';
import { touchEveryMs } from './api-key-auth.ts';
import { rememberBrowser } from './known-browser.ts';
import { credentialsOf, sessionPrincipal, type Principal } from './principal.ts';
import { hashSecret, newSecret } from './secrets.ts';
import { isHttps, sessionCookie, setSessionCookie } from './session-cookie.ts';

/** Thirty days: people come back after a holiday and are still signed in. */
const sessionTtlMs = 30 * 24 * 60 * 60_000;
/** As the table takes it. */
const maxUserAgentLength = 255;

interface SessionDependencies extends Announcing {
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly newId: () => string;
  readonly settings: BasePathSettings & { readonly publicUrl: string | null };
}

/**
 * Opens a session for a user who has just proved who they are, and gives it to
 * the browser. Its token is always new, and the session that the browser came
 * with ends: nobody can plant or keep one.
 */
export async function openSession(
  deps: SessionDependencies,
  http: { readonly request: Request; readonly response: Response },
  {
    userId,
    method,
    passwordHash,
    oidc,
    ttlMs = sessionTtlMs,
  }: {
    readonly userId: string;
    readonly method: SessionMethod;
    /** The hash that the given password was held against: no session comes of one that was changed meanwhile. */
    readonly passwordHash?: string | undefined;
    /** What the provider that the person comes from knows the session by. */
    readonly oidc?: NewOidcSession | undefined;
    /** Default: thirty days. */
    readonly ttlMs?: number | undefined;
  },
): Promise<Principal> {
  const { db, pool, newId, settings } = deps;
  const { request, response } = http;
  const before = credentialsOf(request.headers).cookies.get(sessionCookie);
  if (before !== undefined) {
    const old = await findSession(pool, hashSecret(before), touchEveryMs);
    if (old !== null) {
      await deleteSession(db, old.user.id, old.sessionId);
      await announceAccess(deps, old.user.id);
    }
  }
  const token = newSecret();
  const isOpen = await insertSession(db, {
    id: newId(),
    userId,
    tokenHash: hashSecret(token),
    ttlMs,
    method,
    userAgent: request.get('User-Agent')?.slice(0, maxUserAgentLength) ?? null,
    address: request.ip ?? null,
    passwordHash,
    oidc,
  });
  const found = isOpen ? await findSession(pool, hashSecret(token), touchEveryMs) : null;
  if (found === null)
    throw new TerminalError(
      'AUTH_INVALID',
      'This account was removed, or its password was changed. Sign in anew, or ask an owner.',
    );
  const way = { isHttps: isHttps(request, settings), basePath: basePathOf(request, settings) };
  setSessionCookie(response, token, { ...way, maxAgeMs: ttlMs });
  await rememberBrowser(db, http, { ...way, userId, sessionId: found.sessionId });
  return sessionPrincipal(found.user, found.sessionId, null);
}
