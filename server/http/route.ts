import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { AuditAction } from '../../core/api/audit.ts';
import type { ErrorCode } from '../../core/errors/codes.ts';
import type { Scope, WorkspaceRole } from '../../core/scope.ts';
import type { OwnedThing } from '../../db/workspaces/find-owner.ts';
import type { Principal } from '../auth/principal.ts';
import type { JsonLimits } from '../limits/limits.ts';

/** Methods that routes have. */
export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Who may call a route. `none`: anybody; `user`: any signed-in user; `owner`: the operator of the installation. */
export type RouteAuth = 'none' | 'user' | 'owner';

/**
 * What a credential needs for a route. `read`, `run`, `write`: the scope of that
 * name, and for the last two a user who is no viewer; `account`: a person's own
 * session, for what an API key may never do; `any`: every valid credential.
 */
export type RouteScope = 'any' | 'read' | 'run' | 'write' | 'account';

/**
 * Whose things a route is about, and the smallest role there that it takes. `installation`: nobody's own; `person`: those of
 * whoever asks, in every workspace alike; a thing that the path names by `id` or `slug`: the workspace that it belongs to;
 * `named workspace`: the one that the path names by `id`; `workspace`: the one that `?workspaceId=` names, or else that of
 * whoever asks.
 */
export type RoutePlace =
  | 'installation'
  | 'person'
  | { readonly of: 'workspace' | 'named workspace' | OwnedThing; readonly role: WorkspaceRole };

/** A request with its answer. */
export interface Exchange {
  readonly request: Request;
  readonly response: Response;
}

/** A line in the audit log for each time that the route did what it is for. */
export interface RouteAudit<Query> {
  readonly action: AuditAction;
  /** The type of thing that the path's `id`, or the result's note, names. */
  readonly subject: string;
  /** Whether this request, answered like that, is worth a line. Default: each one is. */
  isWorthIt?(query: Query, exchange: Exchange): boolean;
  /** Whether it is a further piece of what has its line within the hour. Default: none is. */
  isFurther?(exchange: Exchange): boolean;
}

/** What a handler adds to the line. */
export interface AuditNote {
  readonly id?: string;
  readonly name?: string;
  /** Default: the workspace that the request is answered in. */
  readonly workspaceId?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One of the answers that a route gives, as the OpenAPI document says it. */
export interface RouteResponse {
  readonly description: string;
  /** Left out where there is no body, or one that is not JSON. */
  readonly schema?: z.ZodType;
  /** Default `application/json`. */
  readonly contentType?: string;
}

/** Successful answers by status. */
export type RouteResponses = Readonly<Record<number, RouteResponse>>;

interface AnswerParts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly audit?: AuditNote;
}

/** The same, where it need not be changeable: an answer is only written down. */
type Sendable<Body> = Body extends object ? { readonly [Key in keyof Body]: Sendable<Body[Key]> } : Body;

/** The answers that a route has: each status with what its schema takes. */
type AnswersOf<Responses extends RouteResponses> = {
  [Status in keyof Responses & number]: AnswerParts & { readonly status: Status } & (Responses[Status] extends {
      readonly schema: infer Schema extends z.ZodType;
    }
      ? { readonly body: Sendable<z.input<Schema>> }
      : { readonly body?: undefined });
}[keyof Responses & number];

/** What a handler gives back: an answer to send as JSON, or `sent` after writing the response itself. */
export type RouteResult<Responses extends RouteResponses = RouteResponses> = AnswersOf<Responses> | 'sent';

/** What a handler gets of a request: everything parsed and checked. */
export interface RouteContext<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Who asks. On routes with `auth: 'none'` reading it throws. */
  readonly principal: Principal;
  /** What queries are asked with: where, who and with which rights. Reading it throws where `principal` does. */
  readonly scope: Scope;
  readonly request: Request;
  readonly response: Response;
  /** Aborts when the client goes away before the answer is sent, and when a request that ends with access does. */
  readonly signal: AbortSignal;
}

/** A route as it is written down; see `defineRoute`. */
export interface RouteSpec<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Responses extends RouteResponses = RouteResponses,
> {
  readonly method: HttpMethod;
  /** In Express form, one parameter a segment: `/api/workflows/:id`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly auth: RouteAuth;
  /** Not looked at where `auth` is `none`. */
  readonly scope: RouteScope;
  /** Not looked at where `auth` is `none`. */
  readonly place: RoutePlace;
  /** Closed to viewers, though its scope is none that they lack. */
  readonly isClosedToViewers?: boolean;
  /** The code for an id that cannot be one: the same answer as for an id that does not exist. */
  readonly notFound?: ErrorCode;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** A missing body counts as `{}`. */
  readonly isBodyOptional?: boolean;
  readonly bodyLimits?: JsonLimits;
  /** Whose buckets count a request of a signed-in user. Default `api`. */
  readonly rate?: 'api' | 'files';
  /**
   * The same body as a multipart form: what comes back is checked as a JSON body is. It may throw; what it keeps is its own
   * business.
   */
  readonly readForm?: (
    context: Pick<
      RouteContext<z.output<Params>, z.output<Query>, unknown>,
      'params' | 'query' | 'scope' | 'request' | 'signal'
    >,
  ) => Promise<unknown>;
  /** The body is a multipart form that the handler reads itself. */
  readonly multipart?: z.ZodObject;
  /** Request headers worth documenting. */
  readonly headers?: z.ZodObject;
  /** It may take long: it is ended, with a 401 or 403, when its credential or its user's right ends meanwhile. */
  readonly endsWithAccess?: boolean;
  readonly audit?: RouteAudit<z.output<Query>>;
  /** Successful answers by status. Problems are the same everywhere and are added to the document by itself. */
  readonly responses: Responses;
  handler(
    context: RouteContext<z.output<Params>, z.output<Query>, z.output<Body>>,
  ): Promise<RouteResult<NoInfer<Responses>>>;
}

/** A route whose parameter types are not known where it is used. */
export type AnyRoute = RouteSpec;

/**
 * Describes one route: the one source for its Express handler, its validation
 * and its part of the OpenAPI document. The handler sees parsed values only.
 *
 * @example
 * defineRoute({
 *   method: 'get',
 *   path: '/api/workflows/:id',
 *   tag: 'Workflows',
 *   summary: 'Read a workflow',
 *   auth: 'user',
 *   scope: 'read',
 *   place: { of: 'workflow', role: 'viewer' },
 *   notFound: 'WORKFLOW_NOT_FOUND',
 *   params: workflowParams,
 *   responses: { 200: { description: 'The workflow.', schema: workflowSchema } },
 *   handler: async ({ scope, params }) => {
 *     const workflow = await findWorkflow(db, scope, params.id);
 *     if (workflow === null) throw workflowNotFound(params.id);
 *     return { status: 200, body: workflow };
 *   },
 * });
 */
export function defineRoute<
  Params extends z.ZodType = z.ZodType<Record<string, never>>,
  Query extends z.ZodType = z.ZodType<Record<string, never>>,
  Body extends z.ZodType = z.ZodType<undefined>,
  const Responses extends RouteResponses = RouteResponses,
>(spec: RouteSpec<Params, Query, Body, Responses>): AnyRoute {
  // The handler is only ever called with values parsed by the schemas beside it.
  return spec as unknown as AnyRoute;
}
