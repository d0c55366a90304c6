import type { Request, Response } from 'express';
import { z } from 'zod';
import { isLoopback } from '../../../config/loopback.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { announceAccess, announceEnd } from '../../auth/announce-access.ts';
import type { OidcClient } from '../../auth/oidc/oidc-client.ts';
import {
  admitPerson,
  beginSignIn,
  endByNotice,
  endSignIn,
  oidcSessionOf,
  signInMs,
  type OidcSignInDependencies,
} from '../../auth/oidc/oidc-sign-in.ts';
import { openSession } from '../../auth/open-session.ts';
import { credentialsOf } from '../../auth/principal.ts';
import { hashSecret } from '../../auth/secrets.ts';
import { isHttps } from '../../auth/session-cookie.ts';
import { createSignInThrottle } from '../../auth/sign-in-throttle.ts';
import { readBytes } from '../../http/json-body.ts';
import { defineRoute, type AnyRoute } from '../../http/route.ts';
import { webhookBodyLimits } from '../../limits/limits.ts';
import { appUrlOf } from '../../request/app-url.ts';
import { basePathOf } from '../../request/base-path.ts';
import type { ServerDependencies } from '../deps.ts';

const providerParams = z.strictObject({ provider: z.string().min(1).max(40) });

/** A page of this app, never a foreign address. */
const nextSchema = z
  .string()
  .max(2_048)
  .regex(/^\/(?![/\\])/);

/** Why somebody came back without being signed in; the page for signing in has words for each. */
type Refusal = 'expired' | 'refused' | 'no-group' | 'removed' | 'unreachable' | 'failed';

const cookiePath = '/api/auth/oidc';

/** One for each try, so that two tabs do not stand in each other's way. */
const cookieNameOf = (state: string) => `heddle_oidc_${hashSecret(state).toString('hex').slice(0, 16)}`;

/** To identity providers and back. */
export function oidcRoutes(
  deps: ServerDependencies,
  { clients, signIn }: { readonly clients: ReadonlyMap<string, OidcClient>; readonly signIn: OidcSignInDependencies },
): AnyRoute[] {
  const { settings, audit, db, logger } = deps;
  const throttle = createSignInThrottle(deps.rates);

  function clientOf(id: string): OidcClient {
    const client = clients.get(id);
    if (client !== undefined) return client;
    throw new TerminalError(
      'ROUTE_NOT_FOUND',
      'There is no identity provider of that name. Choose one on the sign-in page.',
    );
  }

  /** How browsers reach this app. Without PUBLIC_URL only a browser on this machine does, and its word for it counts. */
  function appUrl(request: Request): string {
    const url = appUrlOf(request, settings);
    const isNearby = URL.canParse(url) && isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
    if (settings.publicUrl !== null || isNearby) return url;
    throw new TerminalError(
      'REQUEST_INVALID',
      'PUBLIC_URL is not set, and this is no address of this machine. Ask the operator to set it.',
    );
  }

  const callbackOf = (request: Request, { provider }: OidcClient) =>
    `${appUrl(request)}/api/auth/oidc/${provider.id}/callback`;

  function toSignIn(request: Request, response: Response, error: Refusal): 'sent' {
    response.redirect(302, `${basePathOf(request, settings)}/sign-in?error=${error}`);
    return 'sent';
  }

  async function refuse(
    { request, response }: { request: Request; response: Response },
    { provider }: OidcClient,
    reason: Refusal,
  ): Promise<'sent'> {
    const details = { method: 'oidc', provider: provider.id, reason };
    await audit.record({ action: 'session.sign-in', isRefused: true, actor: { email: null }, request, details });
    return toSignIn(request, response, reason);
  }

  const redirects = { 302: { description: 'Where the browser goes next.' } };
  const common = { tag: 'Session', auth: 'none', scope: 'any', place: 'installation', params: providerParams } as const;

  return [
    defineRoute({
      ...common,
      method: 'get',
      path: '/api/auth/oidc/:provider/start',
      summary: 'Send the browser to an identity provider to sign in',
      query: z.strictObject({ next: nextSchema.optional() }),
      responses: redirects,
      handler: async ({ params, query, request, response }) => {
        const client = clientOf(params.provider);
        await throttle.stranger(request, null);
        const { kept, secrets } = await beginSignIn(signIn, client.provider.id, query.next ?? null);
        let url: URL;
        try {
          url = await client.authorizationUrl(callbackOf(request, client), secrets);
        } catch (error) {
          if (error instanceof TerminalError) throw error;
          logger.warn({ err: error, provider: params.provider }, 'an identity provider cannot be reached');
          return toSignIn(request, response, 'unreachable');
        }
        response.cookie(cookieNameOf(secrets.state), kept, {
          httpOnly: true,
          // It comes back with a link of another site.
          sameSite: 'lax',
          secure: isHttps(request, settings),
          maxAge: signInMs,
          path: `${basePathOf(request, settings)}${cookiePath}`,
        });
        response.redirect(302, url.href);
        return 'sent';
      },
    }),
    defineRoute({
      ...common,
      method: 'get',
      path: '/api/auth/oidc/:provider/callback',
      summary: 'Where an identity provider sends the browser back to',
      query: z.record(z.string(), z.unknown()),
      responses: redirects,
      handler: async ({ params, query, request, response }) => {
        const http = { request, response };
        const client = clientOf(params.provider);
        await throttle.stranger(request, null);
        const state = typeof query['state'] === 'string' ? query['state'].slice(0, 255) : '';
        const name = cookieNameOf(state);
        const kept = credentialsOf(request.headers).cookies.get(name);
        const onTheWay = kept === undefined ? null : await endSignIn(signIn, client.provider.id, { state, kept });
        if (onTheWay === null) {
          // The page was loaded again: the code is used up, and using it twice would end what it gave.
          if ((await deps.credentials.authenticate(credentialsOf(request.headers))) !== null) {
            response.redirect(302, `${basePathOf(request, settings)}/`);
            return 'sent';
          }
          return refuse(http, client, 'expired');
        }
        response.clearCookie(name, { path: `${basePathOf(request, settings)}${cookiePath}` });
        if (typeof query['error'] === 'string') return refuse(http, client, 'refused');
        const callback = new URL(callbackOf(request, client));
        callback.search = new URL(request.url, 'http://localhost').search;
        const person = await client.exchange(callback, onTheWay.secrets).catch((error: unknown) => {
          logger.warn({ err: error, provider: params.provider }, 'what an identity provider answered does not hold');
          return null;
        });
        if (person === null) return refuse(http, client, 'failed');
        const admitted = await admitPerson(signIn, client, person);
        if (admitted.userId !== null && ('reason' in admitted || admitted.isRoleChanged)) {
          await announceEnd(deps, admitted.userId, admitted.runs);
        }
        if ('reason' in admitted) {
          return refuse(http, client, admitted.reason === 'removed' ? 'removed' : 'no-group');
        }
        const principal = await openSession(deps, http, {
          userId: admitted.userId,
          method: 'oidc',
          oidc: oidcSessionOf(signIn, client, person),
          ttlMs: client.provider.sessionHours * 60 * 60_000,
        });
        const details = { method: 'oidc', provider: client.provider.id };
        if (admitted.outcome === 'created' || admitted.outcome === 'linked') {
          const joined = { ...details, role: principal.role, outcome: admitted.outcome };
          await audit.record({ action: 'member.join', actor: principal, request, details: joined });
        }
        await audit.record({ action: 'session.sign-in', actor: principal, request, details });
        response.redirect(302, `${basePathOf(request, settings)}${onTheWay.next ?? '/start'}`);
        return 'sent';
      },
    }),
    defineRoute({
      ...common,
      method: 'get',
      path: '/api/auth/oidc/:provider/sign-out',
      summary: 'End the session at an identity provider too, after the one here',
      responses: redirects,
      handler: async ({ params, request, response }) => {
        const client = clientOf(params.provider);
        const after = `${appUrl(request)}/sign-in`;
        const url = await client.signOutUrl(after).catch(() => null);
        response.redirect(302, url?.href ?? `${basePathOf(request, settings)}/sign-in`);
        return 'sent';
      },
    }),
    defineRoute({
      ...common,
      method: 'post',
      path: '/api/auth/oidc/:provider/back-channel-logout',
      summary: 'Where an identity provider tells that a session there has ended',
      responses: { 200: { description: 'The sessions here have ended.' } },
      handler: async ({ params, request, response }) => {
        const client = clientOf(params.provider);
        const form = new URLSearchParams((await readBytes(request, webhookBodyLimits)).toString('utf8'));
        const ended = await endByNotice(db, client, form.get('logout_token') ?? '');
        await Promise.all(ended.map((userId) => announceAccess(deps, userId)));
        response.setHeader('Cache-Control', 'no-store');
        return { status: 200 };
      },
    }),
  ];
}
