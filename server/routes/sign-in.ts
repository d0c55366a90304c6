import type { Request } from 'express';
import { z } from 'zod';
import {
  acceptInvitationBodySchema,
  invitationTokenBodySchema,
  meSchema,
  shownInvitationSchema,
  signedOutSchema,
  signInBodySchema,
} from '../../core/api/auth.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { acceptInvitation } from '../../db/invitations/accept.ts';
import { findInvitation } from '../../db/invitations/find.ts';
import { deleteSession } from '../../db/sessions/delete.ts';
import { redeemSignInToken } from '../../db/sign-in-tokens/redeem.ts';
import { findUserByEmail } from '../../db/users/find.ts';
import { announceAccess } from '../auth/announce-access.ts';
import { knownBrowserOf } from '../auth/known-browser.ts';
import { openSession } from '../auth/open-session.ts';
import { hashSecret } from '../auth/secrets.ts';
import { basePathOf } from '../request/base-path.ts';
import { clearSessionCookie, isHttps } from '../auth/session-cookie.ts';
import { signInJsonLimits } from '../limits/limits.ts';
import { createSignInThrottle } from '../auth/sign-in-throttle.ts';
import type { ServerDependencies } from './deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { meOf } from './session.ts';

type SignInBody = z.output<typeof signInBodySchema>;

/** Somebody who has proved who they are, and with which password, if with one. */
interface Proven {
  readonly userId: string;
  readonly passwordHash?: string;
}

/** Sign in by password or link, come in by an invitation, sign out. */
export function signInRoutes(
  deps: ServerDependencies,
  {
    providerOf = async () => null,
  }: {
    /** Which identity provider opened a session; null: none. */ readonly providerOf?: (
      sessionId: string,
    ) => Promise<string | null>;
  } = {},
): AnyRoute[] {
  const { db, newId, audit, passwords, settings } = deps;
  const throttle = createSignInThrottle(deps.rates);

  async function userOf(body: SignInBody, request: Request, signal: AbortSignal): Promise<Proven> {
    if ('token' in body) {
      await throttle.stranger(request, null);
      const userId = await redeemSignInToken(db, hashSecret(body.token));
      if (userId !== null) return { userId };
      throw new TerminalError(
        'AUTH_INVALID',
        'This sign-in link was used already or is too old. Restart Heddle, or ask an owner, for a new one.',
      );
    }
    const user = await findUserByEmail(db, body.email.toLowerCase());
    const browser = user === null ? null : await knownBrowserOf(db, request, user.id);
    const asker =
      user === null || browser === null
        ? await throttle.stranger(request, body.email)
        : await throttle.known(request, user.id, `browser ${browser.toString('base64url')}`);
    const isRight = await passwords.isRight(body.password, user?.passwordHash ?? null, asker, signal);
    if (isRight && user !== null && user.passwordHash !== null)
      return { userId: user.id, passwordHash: user.passwordHash };
    throw new TerminalError(
      'AUTH_INVALID',
      'The e-mail address or the password is wrong. Try again, or ask an owner for a sign-in link.',
    );
  }

  /** What somebody typed into the field for an address may be a password: only an address is kept. */
  async function noteRefusal(body: SignInBody, request: Request): Promise<void> {
    const email = 'email' in body && z.email().safeParse(body.email).success ? body.email.toLowerCase() : null;
    const method = 'token' in body ? 'link' : 'password';
    await audit.record({ action: 'session.sign-in', isRefused: true, actor: { email }, request, details: { method } });
  }

  return [
    defineRoute({
      method: 'post',
      path: '/api/auth/sign-in',
      tag: 'Session',
      summary: 'Sign in with e-mail and password, or with a one-time link',
      auth: 'none',
      scope: 'any',
      place: 'installation',
      body: signInBodySchema,
      bodyLimits: signInJsonLimits,
      responses: { 200: { description: 'Signed in; the session is in a cookie.', schema: meSchema } },
      handler: async ({ body, request, response, signal }) => {
        const proven = await userOf(body, request, signal).catch(async (error: unknown) => {
          if (error instanceof TerminalError) await noteRefusal(body, request);
          throw error;
        });
        const method = 'token' in body ? 'link' : 'password';
        const principal = await openSession(deps, { request, response }, { ...proven, method });
        await audit.record({ action: 'session.sign-in', actor: principal, request, details: { method } });
        return { status: 200, body: meOf(principal) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/auth/sign-out',
      tag: 'Session',
      summary: 'End this session',
      auth: 'user',
      scope: 'any',
      place: 'person',
      audit: { action: 'session.sign-out', subject: 'session' },
      responses: {
        200: {
          description: 'Signed out here; `next` ends the session at the identity provider.',
          schema: signedOutSchema,
        },
        204: { description: 'Signed out.' },
      },
      handler: async ({ principal, request, response }) => {
        const provider = principal.via === 'session' ? await providerOf(principal.credentialId) : null;
        if (principal.via === 'session') await deleteSession(db, principal.userId, principal.credentialId);
        clearSessionCookie(response, basePathOf(request, settings));
        // What the browser kept of files goes too. Over plain http it takes no notice; there it asks before it shows them.
        if (isHttps(request, settings)) response.setHeader('Clear-Site-Data', '"cache"');
        await announceAccess(deps, principal.userId);
        return provider === null
          ? { status: 204 }
          : { status: 200, body: { next: `/api/auth/oidc/${provider}/sign-out` } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/auth/show-invitation',
      tag: 'Session',
      summary: 'Who an invitation is for',
      auth: 'none',
      scope: 'any',
      place: 'installation',
      body: invitationTokenBodySchema,
      bodyLimits: signInJsonLimits,
      responses: { 200: { description: 'The invitation.', schema: shownInvitationSchema } },
      handler: async ({ body, request }) => {
        await throttle.stranger(request, null);
        const invitation = await findInvitation(db, hashSecret(body.token));
        if (invitation === null) throw invitationGone();
        const { email, role, expiresAt } = invitation;
        return { status: 200, body: { email, role, expiresAt } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/auth/accept-invitation',
      tag: 'Session',
      summary: 'Come in by an invitation, with a password of your choice',
      auth: 'none',
      scope: 'any',
      place: 'installation',
      body: acceptInvitationBodySchema,
      bodyLimits: signInJsonLimits,
      responses: { 200: { description: 'Signed in; the session is in a cookie.', schema: meSchema } },
      handler: async ({ body, request, response, signal }) => {
        await throttle.stranger(request, null);
        const tokenHash = hashSecret(body.token);
        const invitation = await findInvitation(db, tokenHash);
        if (invitation === null) throw invitationGone();
        // The link speaks for them.
        const asker = await throttle.known(request, invitation.email, 'invitation');
        const accepted = await acceptInvitation(db, tokenHash, {
          userId: `user_${newId()}`,
          passwordHash: await passwords.hashNew(body.password, invitation.email, asker, signal),
          firstName: body.firstName || null,
          lastName: body.lastName || null,
        });
        if (accepted === null) throw invitationGone();
        const method = 'invitation';
        const principal = await openSession(deps, { request, response }, { userId: accepted.userId, method });
        await audit.record({ action: 'member.join', actor: principal, request, details: { role: accepted.role } });
        return { status: 200, body: meOf(principal) };
      },
    }),
  ];
}

function invitationGone(): TerminalError {
  return new TerminalError(
    'INVITATION_NOT_FOUND',
    'This invitation was used already, was withdrawn or is too old. Ask an owner for a new one.',
  );
}
