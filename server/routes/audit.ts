import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import {
  auditFileFormats,
  auditFileHead,
  auditFileLine,
  auditFileTypes,
  type AuditFileFormat,
} from '../../core/api/audit-file.ts';
import { auditActions, auditPageSchema } from '../../core/api/audit.ts';
import { pageQuerySchema } from '../../core/api/common.ts';
import { listAuditEntries, type AuditFilter } from '../../db/audit-log/list.ts';
import type { Db } from '../../db/client.ts';
import type { PageCursor } from '../../db/page-cursor.ts';
import type { ServerDependencies } from './deps.ts';
import { decodeCursor, pageBody, timeCursor } from '../http/cursor.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { defaultIdleMs, disposition, endIdle } from '../http/send-content.ts';

const filterShape = {
  action: z.enum(auditActions).optional(),
  /** Part of an e-mail address or of a thing's name. */
  search: z.string().trim().max(255).optional(),
};

const auditQuerySchema = pageQuerySchema.extend(filterShape);

const auditFileQuerySchema = z.strictObject({
  ...filterShape,
  /** Default `jsonl`. */
  format: z.enum(auditFileFormats).default('jsonl'),
});

/** Who did what: for owners. */
export function auditRoutes({ db, now }: ServerDependencies): AnyRoute[] {
  const cursor = timeCursor('audit');
  return [
    defineRoute({
      method: 'get',
      path: '/api/admin/audit',
      tag: 'Operation',
      summary: 'The audit log, newest first',
      auth: 'owner',
      scope: 'read',
      place: 'installation',
      query: auditQuerySchema,
      responses: { 200: { description: 'One page.', schema: auditPageSchema } },
      handler: async ({ query }) => {
        const page = await listAuditEntries(db, {
          limit: query.limit,
          after: decodeCursor(cursor, query.cursor),
          ...filterOf(query),
        });
        return { status: 200, body: pageBody(cursor, page) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/admin/audit/export',
      tag: 'Operation',
      summary: 'The audit log as a file of JSON lines or CSV, newest first',
      auth: 'owner',
      scope: 'read',
      place: 'installation',
      rate: 'files',
      query: auditFileQuerySchema,
      endsWithAccess: true,
      audit: { action: 'audit.export', subject: 'audit' },
      responses: { 200: { description: 'The file.', contentType: 'application/x-ndjson' } },
      handler: async ({ query, response, signal }) => {
        const { format } = query;
        const name = `audit-${now().toISOString().slice(0, 10)}.${format}`;
        response.status(200).set({
          'Content-Type': auditFileTypes[format],
          'Content-Disposition': disposition(name, true),
          'Cache-Control': 'no-store',
        });
        const lines = Readable.from(auditFile(db, format, filterOf(query)));
        await pipeline(lines, endIdle(defaultIdleMs), response, { signal }).catch((error: unknown) => {
          if (!response.destroyed) throw error;
        });
        return 'sent';
      },
    }),
  ];
}

function filterOf({ action, search }: { action?: string | undefined; search?: string | undefined }): AuditFilter {
  return { action: action ?? null, search: search === undefined || search === '' ? null : search };
}

/** Lines that are read at once: a few hundred kilobytes. */
const linesAtOnce = 500;

async function* auditFile(db: Db, format: AuditFileFormat, filter: AuditFilter): AsyncGenerator<string> {
  let text = auditFileHead(format);
  let after: PageCursor | null = null;
  do {
    const page = await listAuditEntries(db, { ...filter, limit: linesAtOnce, after });
    for (const entry of page.items) text += auditFileLine(format, entry);
    if (text !== '') yield text;
    text = '';
    after = page.next;
  } while (after !== null);
}
