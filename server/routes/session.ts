import { meSchema, type Me } from '../../core/api/auth.ts';
import type { Principal } from '../auth/principal.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';

/** Who is asking, whatever they proved it with. */
export function sessionRoutes(): AnyRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/me',
      tag: 'Session',
      summary: 'Who is signed in',
      auth: 'user',
      scope: 'any',
      place: 'person',
      responses: { 200: { description: 'You.', schema: meSchema } },
      handler: async ({ principal }) => ({ status: 200, body: meOf(principal) }),
    }),
  ];
}

/** A principal as the API shows it to itself. */
export function meOf(principal: Principal): Me {
  const { userId, email, firstName, lastName, role, via, scopes, hasPassword } = principal;
  return { id: userId, email, firstName, lastName, role, via, scopes: [...scopes], hasPassword };
}
