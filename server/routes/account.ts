import type { Request } from 'express';
import type { AuditAction } from '../../core/api/audit.ts';
import { changePasswordBodySchema, meSchema, sessionListSchema, updateMeBodySchema } from '../../core/api/auth.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { deleteOtherSessions, deleteSession } from '../../db/sessions/delete.ts';
import { findSessionMethod } from '../../db/sessions/find.ts';
import { listSessions } from '../../db/sessions/list.ts';
import { deleteKnownBrowsers } from '../../db/known-browsers/delete.ts';
import { deleteSignInTokens } from '../../db/sign-in-tokens/delete.ts';
import { findPasswordHash } from '../../db/users/find.ts';
import { replacePassword } from '../../db/users/set-password.ts';
import { updateProfile } from '../../db/users/update.ts';
import { announceAccess } from '../auth/announce-access.ts';
import type { Asker } from '../auth/hashing-turns.ts';
import { openSession } from '../auth/open-session.ts';
import type { Principal } from '../auth/principal.ts';
import { createSignInThrottle } from '../auth/sign-in-throttle.ts';
import type { ServerDependencies } from './deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { sessionParams } from './parameters.ts';
import { meOf } from './session.ts';

/** What people do with their own account: name, password, sessions. */
export function accountRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, passwords, audit } = deps;
  const throttle = createSignInThrottle(deps.rates);

  /** The hash that the password was held against, null where the account has none. Throws PASSWORD_WRONG, and notes it. */
  async function requirePassword(
    principal: Principal,
    given: string | undefined,
    asked: {
      readonly asker: Asker;
      readonly request: Request;
      readonly signal: AbortSignal;
      readonly action: AuditAction;
    },
  ): Promise<string | null> {
    const { userId, email } = principal;
    const stored = await findPasswordHash(db, userId);
    if (stored === null) return null;
    if (given !== undefined && (await passwords.isRight(given, stored, asked.asker, asked.signal))) return stored;
    await audit.record({
      action: asked.action,
      isRefused: true,
      actor: principal,
      subject: { type: 'user', id: userId, name: email },
      request: asked.request,
    });
    throw new TerminalError('PASSWORD_WRONG', 'The present password is wrong. Give the one that you sign in with.');
  }

  return [
    defineRoute({
      method: 'put',
      path: '/api/me',
      tag: 'Session',
      summary: 'Change your name or e-mail address',
      auth: 'user',
      scope: 'account',
      place: 'person',
      body: updateMeBodySchema,
      audit: { action: 'profile.change', subject: 'user' },
      responses: { 200: { description: 'You, as you are now.', schema: meSchema } },
      handler: async ({ principal, body, request, signal }) => {
        const { email, firstName, lastName } = body;
        const movesEmail = email !== undefined && email !== principal.email;
        if (movesEmail) {
          const asker = await throttle.known(request, principal.userId, 'session');
          await requirePassword(principal, body.currentPassword, { asker, request, signal, action: 'profile.change' });
        }
        const change = { email, firstName: emptyToNull(firstName), lastName: emptyToNull(lastName) };
        if ((await updateProfile(db, principal.userId, change)) === 'email taken') {
          throw new TerminalError('EMAIL_TAKEN', 'Another account has this e-mail address. Use another one.');
        }
        await announceAccess(deps, principal.userId);
        const changed = {
          email: email ?? principal.email,
          firstName: change.firstName === undefined ? principal.firstName : change.firstName,
          lastName: change.lastName === undefined ? principal.lastName : change.lastName,
        };
        return {
          status: 200,
          body: meOf({ ...principal, ...changed }),
          audit: {
            id: principal.userId,
            name: changed.email,
            ...(movesEmail ? { details: { emailBefore: principal.email } } : {}),
          },
        };
      },
    }),
    defineRoute({
      method: 'put',
      path: '/api/me/password',
      tag: 'Session',
      summary: 'Change your password; every other session and sign-in link of yours ends',
      auth: 'user',
      scope: 'account',
      place: 'person',
      body: changePasswordBodySchema,
      audit: { action: 'password.change', subject: 'user' },
      responses: { 204: { description: 'It is changed, and this session goes on under a new cookie.' } },
      handler: async ({ principal, body, request, response, signal }) => {
        const { userId } = principal;
        const asker = await throttle.known(request, userId, 'session');
        const method = await findSessionMethod(db, userId, principal.credentialId);
        // Whoever came by a one-time link may have forgotten the password: the link proved as much as it does.
        const before =
          method === 'link'
            ? await findPasswordHash(db, userId)
            : await requirePassword(principal, body.currentPassword, {
                asker,
                request,
                signal,
                action: 'password.change',
              });
        const passwordHash = await passwords.hashNew(body.newPassword, principal.email, asker, signal);
        // Hashing takes its turns: somebody else may have changed it meanwhile.
        if (!(await replacePassword(db, { userId, before, passwordHash }))) {
          throw new TerminalError('PASSWORD_WRONG', 'The password was changed meanwhile. Sign in with the new one.');
        }
        // From here on no session comes of the password of before, nor of a link that somebody else found, and none that has ended remembers a browser.
        await deleteSignInTokens(db, userId);
        await deleteOtherSessions(db, userId, principal.credentialId);
        await deleteKnownBrowsers(db, userId);
        await openSession(deps, { request, response }, { userId, method: 'password', passwordHash });
        await announceAccess(deps, userId);
        return { status: 204, audit: { id: userId, name: principal.email } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/sessions',
      tag: 'Session',
      summary: 'Where you are signed in',
      auth: 'user',
      scope: 'account',
      place: 'person',
      responses: { 200: { description: 'The last used first.', schema: sessionListSchema } },
      handler: async ({ principal }) => {
        const items = await listSessions(db, principal.userId);
        return {
          status: 200,
          body: { items: items.map((item) => ({ ...item, current: item.id === principal.credentialId })) },
        };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/sessions/:id',
      tag: 'Session',
      summary: 'End one of your sessions',
      auth: 'user',
      scope: 'account',
      place: 'person',
      notFound: 'SESSION_NOT_FOUND',
      params: sessionParams,
      audit: { action: 'session.end', subject: 'session' },
      responses: { 204: { description: 'It is over.' } },
      handler: async ({ principal, params }) => {
        if (!(await deleteSession(db, principal.userId, params.id))) {
          throw new TerminalError('SESSION_NOT_FOUND', `You have no session ${params.id}. Choose one from the list.`);
        }
        await announceAccess(deps, principal.userId);
        return { status: 204 };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/auth/sign-out-everywhere',
      tag: 'Session',
      summary: 'End every session of yours but this one',
      auth: 'user',
      scope: 'account',
      place: 'person',
      audit: { action: 'session.end-others', subject: 'user' },
      responses: { 204: { description: 'They are over.' } },
      handler: async ({ principal }) => {
        const count = await deleteOtherSessions(db, principal.userId, principal.credentialId);
        // This one is known again when it signs in the next time.
        await deleteKnownBrowsers(db, principal.userId);
        await announceAccess(deps, principal.userId);
        return { status: 204, audit: { id: principal.userId, name: principal.email, details: { count } } };
      },
    }),
  ];
}

function emptyToNull(text: string | null | undefined): string | null | undefined {
  return text === '' ? null : text;
}
