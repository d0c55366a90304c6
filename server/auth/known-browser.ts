import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { knownBrowserAgeMs } from '../../core/limits.ts';
import type { Db } from '../../db/client.ts';
import { insertKnownBrowser } from '../../db/known-browsers/insert.ts';
import { isKnownBrowser } from '../../db/known-browsers/find.ts';
import { touchKnownBrowser } from '../../db/known-browsers/touch.ts';
import { credentialsOf } from './principal.ts';
import { hashSecret, newSecret } from './secrets.ts';

/*
 * A browser that has signed in to an account keeps a token, which stays when the
 * session ends. It opens nothing: it only says that guesses of others do not
 * count for this browser, so that nobody can lock somebody else out.
 */

/** Sent along with sign-ins alone. */
const cookiePath = '/api/auth';

/** One for each account, so that a planted one of somebody else's counts for nobody. */
function cookieNameOf(userId: string): string {
  return `heddle_known_${createHash('sha256').update(userId).digest('hex').slice(0, 16)}`;
}

function tokenHashOf(request: Pick<Request, 'headers'>, userId: string): Buffer | null {
  const token = credentialsOf(request.headers).cookies.get(cookieNameOf(userId));
  return token === undefined ? null : hashSecret(token);
}

/** The hash of the browser's token, where it has signed in to the account before. */
export async function knownBrowserOf(db: Db, request: Request, userId: string): Promise<Buffer | null> {
  const tokenHash = tokenHashOf(request, userId);
  return tokenHash !== null && (await isKnownBrowser(db, userId, tokenHash)) ? tokenHash : null;
}

/**
 * Remembers the browser of somebody who has just signed in, under a token that
 * is new where it was not known; not where the session has ended meanwhile.
 */
export async function rememberBrowser(
  db: Db,
  { request, response }: { readonly request: Request; readonly response: Response },
  {
    userId,
    sessionId,
    isHttps,
    basePath,
  }: { readonly userId: string; readonly sessionId: string; readonly isHttps: boolean; readonly basePath: string },
): Promise<void> {
  const before = tokenHashOf(request, userId);
  if (before !== null && (await touchKnownBrowser(db, userId, before))) return;
  const token = newSecret();
  if (!(await insertKnownBrowser(db, { userId, sessionId, tokenHash: hashSecret(token) }))) return;
  response.cookie(cookieNameOf(userId), token, {
    httpOnly: true,
    sameSite: 'lax',
    secure: isHttps,
    maxAge: knownBrowserAgeMs,
    path: `${basePath}${cookiePath}`,
  });
}
