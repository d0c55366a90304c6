import { changeStarsBodySchema, starsSchema } from '../../core/api/stars.ts';
import { changeStars, findStars } from '../../db/workflows/stars.ts';
import { workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import type { ServerDependencies } from './deps.ts';
import { workflowParams } from './parameters.ts';

/** Marks of results, for each account by itself; they are the same in each of its browsers. */
export function starRoutes({ pool }: Pick<ServerDependencies, 'pool'>): AnyRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/stars',
      tag: 'Workflows',
      summary: 'The results of a workflow that are marked with a star',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      responses: { 200: { description: 'Those marked last at the end.', schema: starsSchema } },
      handler: async ({ scope, params }) => {
        const keys = await findStars(pool, scope, params.id);
        if (keys === null) throw workflowNotFound(params.id);
        return { status: 200, body: { keys } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/stars',
      tag: 'Workflows',
      summary: 'Mark results of a workflow with a star, and take marks away',
      auth: 'user',
      scope: 'write',
      // A mark changes nothing for anybody else.
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: changeStarsBodySchema,
      responses: { 200: { description: 'What is marked then.', schema: starsSchema } },
      handler: async ({ scope, params, body }) => {
        const keys = await changeStars(pool, scope, params.id, body);
        if (keys === null) throw workflowNotFound(params.id);
        return { status: 200, body: { keys } };
      },
    }),
  ];
}
