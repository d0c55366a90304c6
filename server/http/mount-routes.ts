import type { Express, Request, Response } from 'express';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import type { Scope } from '../../core/scope.ts';
import type { Queryable } from '../../db/statement.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { noteInAuditLog } from './note-request.ts';
import { actingFor } from '../../db/acting-for.ts';
import { credentialsOf, type Principal } from '../auth/principal.ts';
import { jsonLimits } from '../limits/limits.ts';
import type { AccessOfRequests } from './access-of-requests.ts';
import { placeOf, withoutPlace } from './place.ts';
import { sendProblem } from './answer.ts';
import { countBody, type BodyPlace, type BodyRoom } from './body-room.ts';
import { isForm } from './form.ts';
import type { Gates } from './gates.ts';
import { readJsonBody } from './json-body.ts';
import { discardBody } from './lingering-close.ts';
import { networkOf } from '../limits/networks.ts';
import { invalidRequest } from './problem.ts';
import type { AnyRoute, RouteResult } from './route.ts';

/** What all routes of a server share. */
export interface MountOptions {
  /** Where it is looked up whose things are whose. */
  readonly pool: Queryable;
  readonly audit: AuditLog;
  readonly access: AccessOfRequests;
  readonly gates: Gates;
  /** What of bodies may be in memory. */
  readonly bodies: BodyRoom;
  readonly logger: Logger;
}

/**
 * Puts routes on an Express app. Each request goes through the same gates in
 * this order: who asks, from which page, how often, path, query, with which role
 * in the workspace that it is about, body; only then does the handler see it. A method that a path does not have is 405.
 */
export function mountRoutes(app: Express, routes: readonly AnyRoute[], options: MountOptions): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const here = routes.filter((route) => route.path === path);
    const mounted = app.route(path);
    for (const route of here) {
      mounted[route.method]((request, response) => answer(route, request, response, options));
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

async function answer(route: AnyRoute, request: Request, response: Response, options: MountOptions): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let access: ReturnType<AccessOfRequests['follow']> | undefined;
  let place: BodyPlace | undefined;
  try {
    const principal = await options.gates.identify(route, request);
    const network = networkOf(request.ip ?? 'unknown');
    place = options.bodies.open(principal === null ? { network } : { userId: principal.userId });
    countBody(request, place);
    if (route.endsWithAccess === true && principal !== null) {
      const { userId } = principal;
      access = options.access.follow({ route, userId, credentials: credentialsOf(request.headers) });
    }
    const signal = access === undefined ? gone.signal : AbortSignal.any([gone.signal, access.signal]);
    const params = parseParams(route, request);
    const query = parseQuery(route, request);
    const scope = principal === null ? null : await placeOf(options.pool, { route, principal, request, params });
    if (scope !== null) access?.within(scope);
    const owner = principal?.userId ?? `network ${network}`;
    const form = () =>
      actingFor(
        owner,
        async () => route.readForm!({ params, query, request, signal, scope: known(route, scope) }),
        signal,
      );
    const body = await parseBody(route, request, form);
    const handle = async () => {
      const handled = await route.handler({
        params,
        query,
        body,
        request,
        response,
        signal,
        get principal() {
          return known(route, principal);
        },
        get scope() {
          return known(route, scope);
        },
      });
      await noteInAuditLog(options.audit, route, { principal, scope, params, query, request, response }, handled);
      return handled;
    };
    const result = await actingFor(owner, handle, signal);
    // An upload that was answered without being read, for instance from an earlier answer.
    if (result !== 'sent') await discardBody(request);
    send(response, result);
  } catch (error) {
    if (gone.signal.aborted && !response.headersSent) return;
    // What it failed of is that it was ended.
    await sendProblem(request, response, access?.signal.aborted === true ? access.signal.reason : error, options);
  } finally {
    access?.stop();
    place?.close();
  }
}

function known<Known extends Principal | Scope>(route: AnyRoute, asking: Known | null): Known {
  if (asking === null) throw new Error(`${route.path} is open to anybody and asked who is asking`);
  return asking;
}

function parseParams(route: AnyRoute, request: Request): unknown {
  if (route.params === undefined) return {};
  const parsed = route.params.safeParse(request.params);
  if (parsed.success) return parsed.data;
  throw new TerminalError(
    route.notFound ?? 'ROUTE_NOT_FOUND',
    'There is nothing of that id. Check it, or list what there is.',
  );
}

function parseQuery(route: AnyRoute, request: Request): unknown {
  const given: Record<string, unknown> = withoutPlace(route, { ...request.query });
  for (const [name, value] of Object.entries(given)) {
    if (String(name).includes('\0') || String(value).includes('\0')) {
      throw new TerminalError('INVALID_TEXT', 'The query holds U+0000, which cannot be stored. Take it out.');
    }
  }
  if (route.query === undefined) return {};
  const parsed = route.query.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error, 'query');
}

async function parseBody(route: AnyRoute, request: Request, form: () => Promise<unknown>): Promise<unknown> {
  if (route.body === undefined) return undefined;
  const isGivenAsForm = route.readForm !== undefined && isForm(request);
  const given = isGivenAsForm ? await form() : await readJsonBody(request, route.bodyLimits ?? jsonLimits);
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
