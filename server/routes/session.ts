import type { Request, Response } from 'express';
import { performance } from 'node:perf_hooks';
import { meSchema, signInBodySchema, type Me } from '../../core/api/auth.ts';
import { RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import { deleteSession, insertSession } from '../../db/queries/sessions.ts';
import { consumeSignInToken } from '../../db/queries/sign-in-tokens.ts';
import { findUserByEmail } from '../../db/queries/users.ts';
import { verifyPassword } from '../auth/password.ts';
import { sessionCookie, type Principal } from '../auth/principal.ts';
import { hashSecret, newSecret } from '../auth/secrets.ts';
import type { ServerDependencies } from '../deps.ts';
import { createRateLimiter, type RateLimiter } from '../http/rate-limiter.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { signInRate } from '../limits.ts';

/** Thirty days: people come back after a holiday and are still signed in. */
const sessionTtlMs = 30 * 24 * 60 * 60_000;
/** Hashing takes 32 MiB and a core for a quarter of a second: more at once would starve everything else. */
const maxHashing = 4;

/** Sign in, sign out, who am I. */
export function sessionRoutes({ db, auth, newId }: ServerDependencies): AnyRoute[] {
  const byAccount = createRateLimiter(signInRate, () => performance.now());
  const byAddress = createRateLimiter({ ...signInRate, burst: signInRate.burst * 5 }, () => performance.now());
  let hashing = 0;

  async function checkPassword(password: string, stored: string | null): Promise<boolean> {
    if (hashing >= maxHashing) throw tooMany(1_000);
    hashing += 1;
    try {
      return await verifyPassword(password, stored);
    } finally {
      hashing -= 1;
    }
  }

  async function userOf(body: { email: string; password: string } | { token: string }): Promise<string> {
    if ('token' in body) {
      const userId = await consumeSignInToken(db, hashSecret(body.token));
      if (userId !== null) return userId;
      throw new TerminalError(
        'AUTH_INVALID',
        'This sign-in link was used already or is too old. Restart Heddle, or ask its operator, for a new one.',
      );
    }
    const user = await findUserByEmail(db, body.email.toLowerCase());
    if ((await checkPassword(body.password, user?.passwordHash ?? null)) && user !== null) return user.id;
    throw new TerminalError('AUTH_INVALID', 'The e-mail address or the password is wrong.');
  }

  return [
    defineRoute({
      method: 'post',
      path: '/api/auth/sign-in',
      tag: 'Session',
      summary: 'Sign in with e-mail and password, or with a one-time link',
      auth: 'none',
      body: signInBodySchema,
      responses: { 200: { description: 'Signed in; the session is in a cookie.', schema: meSchema } },
      handler: async ({ body, request, response }) => {
        const address = request.ip ?? 'unknown';
        throttle(byAddress, address);
        if ('email' in body) throttle(byAccount, `${body.email.toLowerCase()} ${address}`);
        const userId = await userOf(body);
        const token = newSecret();
        await insertSession(db, { id: newId(), userId, tokenHash: hashSecret(token), ttlMs: sessionTtlMs });
        setSessionCookie(request, response, token);
        const principal = await auth.authenticate({ bearer: null, session: token });
        if (principal === null) throw new TerminalError('AUTH_INVALID', 'This account was removed.');
        return { status: 200, body: meOf(principal) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/auth/sign-out',
      tag: 'Session',
      summary: 'End this session',
      auth: 'user',
      responses: { 204: { description: 'Signed out.' } },
      handler: async ({ principal, response }) => {
        if (principal.via === 'session') await deleteSession(db, principal.credentialId);
        response.clearCookie(sessionCookie, { path: '/' });
        return { status: 204 };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/me',
      tag: 'Session',
      summary: 'Who is signed in',
      auth: 'user',
      responses: { 200: { description: 'You.', schema: meSchema } },
      handler: async ({ principal }) => ({ status: 200, body: meOf(principal) }),
    }),
  ];
}

function meOf(principal: Principal): Me {
  const { userId, email, firstName, lastName, role, via } = principal;
  return { id: userId, email, firstName, lastName, role, via };
}

function setSessionCookie(request: Request, response: Response, token: string): void {
  response.cookie(sessionCookie, token, {
    httpOnly: true,
    sameSite: 'lax',
    // Behind plain http (a laptop, a LAN) a secure cookie would never come back.
    secure: request.secure,
    maxAge: sessionTtlMs,
    path: '/',
  });
}

function throttle(limiter: RateLimiter, key: string): void {
  const waitMs = limiter.take(key);
  if (waitMs !== null) throw tooMany(waitMs);
}

function tooMany(waitMs: number): RetryableError {
  return new RetryableError(
    'RATE_LIMITED',
    `Too many sign-in attempts. Try again in ${Math.ceil(waitMs / 1_000)} seconds.`,
    { retryAfterMs: waitMs },
  );
}
