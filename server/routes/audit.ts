import { z } from 'zod';
import { auditActions, auditPageSchema } from '../../core/api/audit.ts';
import { pageQuerySchema } from '../../core/api/common.ts';
import { listAuditEntries } from '../../db/audit-log/list.ts';
import type { ServerDependencies } from './deps.ts';
import { decodeCursor, pageBody, timeCursor } from '../http/cursor.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';

const auditQuerySchema = pageQuerySchema.extend({
  action: z.enum(auditActions).optional(),
  /** Part of an e-mail address or of a thing's name. */
  search: z.string().trim().max(255).optional(),
});

/** Who did what: for owners. */
export function auditRoutes({ db }: ServerDependencies): AnyRoute[] {
  const cursor = timeCursor('audit');
  return [
    defineRoute({
      method: 'get',
      path: '/api/admin/audit',
      tag: 'Operation',
      summary: 'The audit log, newest first',
      auth: 'owner',
      scope: 'read',
      query: auditQuerySchema,
      responses: { 200: { description: 'One page.', schema: auditPageSchema } },
      handler: async ({ query }) => {
        const page = await listAuditEntries(db, {
          limit: query.limit,
          after: decodeCursor(cursor, query.cursor),
          action: query.action ?? null,
          search: query.search === undefined || query.search === '' ? null : query.search,
        });
        return { status: 200, body: pageBody(cursor, page) };
      },
    }),
  ];
}
