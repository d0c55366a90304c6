import type { Express, Request, Response } from 'express';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { noteInAuditLog } from '../audit/note-request.ts';
import { authorize } from '../auth/authorize.ts';
import { isOriginAllowed } from '../auth/origin.ts';
import { credentialsOf, type Principal } from '../auth/principal.ts';
import type { AuthProvider } from '../auth/provider.ts';
import { jsonLimits } from '../limits.ts';
import { sendProblem } from './answer.ts';
import { readJsonBody } from './json-body.ts';
import { discardBody } from './lingering-close.ts';
import { invalidRequest } from './problem.ts';
import { limit, type RateLimits } from './rate-limits.ts';
import type { AnyRoute, RouteResult } from './route.ts';

export interface MountOptions {
  readonly auth: AuthProvider;
  readonly audit: AuditLog;
  readonly allowedOrigins: readonly string[];
  readonly trustForwardedHost: boolean;
  readonly rates: RateLimits;
  readonly logger: Logger;
}

/**
 * Puts routes on an Express app. Each request goes through the same gates in
 * this order: who asks, from which page, how often, path, query, body; only
 * then does the handler see it. A method that a path does not have is 405.
 */
export function mountRoutes(app: Express, routes: readonly AnyRoute[], options: MountOptions): void {
  const gates = createGates(options);
  for (const path of new Set(routes.map((route) => route.path))) {
    const here = routes.filter((route) => route.path === path);
    const mounted = app.route(path);
    for (const route of here) {
      mounted[route.method]((request, response) => answer(route, request, response, gates, options));
    }
    const allowed = [...here.map((route) => route.method.toUpperCase()), ...(here.some(isGet) ? ['HEAD'] : [])];
    mounted.all((request, response) => {
      response.setHeader('Allow', allowed.join(', '));
      const error = new TerminalError('METHOD_NOT_ALLOWED', `This address takes ${allowed.join(', ')} only.`);
      return sendProblem(request, response, error, options);
    });
  }
}

const isGet = (route: AnyRoute) => route.method === 'get';

async function answer(
  route: AnyRoute,
  request: Request,
  response: Response,
  gates: Gates,
  options: MountOptions,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const principal = await gates.identify(route, request);
    const params = parseParams(route, request);
    const query = parseQuery(route, request);
    const body = await parseBody(route, request);
    const result = await route.handler({
      params,
      query,
      body,
      request,
      response,
      signal: gone.signal,
      get principal() {
        if (principal === null) throw new Error(`${route.path} is open to anybody and asked who is asking`);
        return principal;
      },
    });
    await noteInAuditLog(options.audit, route, { principal, params, query, request }, result);
    // An upload that was answered without being read, for instance from an earlier answer.
    if (result !== 'sent') await discardBody(request);
    send(response, result);
  } catch (error) {
    if (gone.signal.aborted && !response.headersSent) return;
    await sendProblem(request, response, error, options);
  }
}

interface Gates {
  /** Who is asking; null on a route that is open to anybody. Throws where the request may not go on. */
  identify(route: AnyRoute, request: Request): Promise<Principal | null>;
}

function createGates(options: MountOptions): Gates {
  const { rates } = options;
  return {
    identify: async (route, request) => {
      const credentials = credentialsOf(request.headers);
      const isUnsafe = route.method !== 'get';
      // A bearer token is never attached by a browser on its own; a cookie is.
      if (isUnsafe && credentials.bearer === null && !isOriginAllowed(request, options)) {
        throw new TerminalError('ORIGIN_NOT_ALLOWED', 'This request came from a page of another site and was refused.');
      }
      const address = request.ip ?? 'unknown';
      if (route.auth === 'none') {
        limit(await rates.takeFrom('address', address));
        return null;
      }
      if (!options.auth.hasCredential(credentials)) {
        throw new TerminalError('AUTH_REQUIRED', 'Sign in, or send "Authorization: Bearer <API key>".');
      }
      const principal = await options.auth.authenticate(credentials);
      if (principal === null) {
        // Right ones always pass: a wrong script must not lock out its neighbours behind the same address.
        limit(await rates.takeFrom('badCredential', address));
        throw new TerminalError('AUTH_INVALID', 'The credential is wrong, has expired or was revoked. Sign in again.');
      }
      limit(await rates.take(route.rate ?? 'api', principal.userId));
      authorize(route, principal);
      return principal;
    },
  };
}

function parseParams(route: AnyRoute, request: Request): unknown {
  if (route.params === undefined) return {};
  const parsed = route.params.safeParse(request.params);
  if (parsed.success) return parsed.data;
  throw new TerminalError(route.notFound ?? 'ROUTE_NOT_FOUND', 'There is nothing of that id.');
}

function parseQuery(route: AnyRoute, request: Request): unknown {
  const given: Record<string, unknown> = { ...request.query };
  for (const [name, value] of Object.entries(given)) {
    if (String(name).includes('\0') || String(value).includes('\0')) {
      throw new TerminalError('INVALID_TEXT', 'The query holds U+0000, which cannot be stored.');
    }
  }
  if (route.query === undefined) return {};
  const parsed = route.query.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error, 'query');
}

async function parseBody(route: AnyRoute, request: Request): Promise<unknown> {
  if (route.body === undefined) return undefined;
  const given = await readJsonBody(request, route.bodyLimits ?? jsonLimits);
  const parsed = route.body.safeParse(given === undefined && route.isBodyOptional === true ? {} : given);
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error, 'body');
}

function send(response: Response, result: RouteResult): void {
  if (result === 'sent' || response.destroyed) return;
  response.status(result.status);
  // Answers belong to one user and one moment.
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, value);
  if (result.body === undefined) response.end();
  else response.json(result.body);
}
