import type { Request } from 'express';
import { z } from 'zod';
import type { Scope } from '../../core/scope.ts';
import type { Queryable } from '../../db/statement.ts';
import type { Principal } from '../auth/principal.ts';
import { requireRole, scopeOf, type InQuestion } from '../auth/scope-of.ts';
import { invalidRequest } from './problem.ts';
import type { AnyRoute } from './route.ts';

/** The query parameter that says in which workspace something is listed or made. */
export const workspaceQuerySchema = z.object({
  /** A workspace that you are a member of. Default: your own. */
  workspaceId: z.string().min(1).max(255).optional(),
});

/** Whether a request for a route may name a workspace. */
export function namesWorkspace(route: Pick<AnyRoute, 'auth' | 'place'>): boolean {
  return route.auth !== 'none' && typeof route.place === 'object' && route.place.of === 'workspace';
}

/** The query without what says in which workspace: the route itself has no such parameter. */
export function withoutPlace(route: AnyRoute, query: Record<string, unknown>): Record<string, unknown> {
  if (!namesWorkspace(route)) return query;
  const { workspaceId: _place, ...rest } = query;
  return rest;
}

/** In which scope a request is answered. Throws WORKSPACE_NOT_FOUND, and ROLE_MISSING. */
export async function placeOf(
  pool: Queryable,
  asked: {
    readonly route: AnyRoute;
    readonly principal: Principal;
    readonly request: Request;
    /** As the route has parsed them. */
    readonly params: unknown;
  },
): Promise<Scope> {
  const { route, principal } = asked;
  if (typeof route.place !== 'object') return scopeOf(pool, principal, { of: 'workspace', id: null });
  const scope = await scopeOf(pool, principal, questionOf(route.place.of, asked));
  requireRole(scope, route.place.role);
  return scope;
}

const namedSchema = z.object({ id: z.union([z.string(), z.number()]).optional(), slug: z.string().optional() });

function questionOf(
  of: InQuestion['of'] | 'named workspace',
  { route, request, params }: { readonly route: AnyRoute; readonly request: Request; readonly params: unknown },
): InQuestion {
  if (of === 'workspace') {
    const parsed = workspaceQuerySchema.safeParse({ workspaceId: request.query['workspaceId'] });
    if (!parsed.success) throw invalidRequest(parsed.error, 'query');
    return { of, id: parsed.data.workspaceId ?? null };
  }
  const { id, slug } = namedSchema.parse(params);
  const name = of === 'slug' ? slug : id;
  if (name === undefined) throw new Error(`${route.path} names no ${of}`);
  if (of === 'named workspace') return { of: 'workspace', id: String(name) };
  return { of, id: name };
}
