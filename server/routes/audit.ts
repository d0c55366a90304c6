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
import { workspaceParams } from './parameters.ts';
import { teamOf } from './workspaces/shared.ts';
import { decodeCursor, pageBody, timeCursor } from '../http/cursor.ts';
import { defineRoute, type AnyRoute, type RouteContext } from '../http/route.ts';
import { defaultIdleMs, disposition, endIdle } from '../http/send-content.ts';
import { patience } from '../http/transfer-turns.ts';

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

/** Who did what: in the installation for its owners, in a workspace for its admins. */
export function auditRoutes({ db, now, transfers }: ServerDependencies): AnyRoute[] {
  const cursor = timeCursor('audit');

  async function page(query: z.output<typeof auditQuerySchema>, workspaceId: string | null) {
    const found = await listAuditEntries(db, {
      limit: query.limit,
      after: decodeCursor(cursor, query.cursor),
      ...filterOf(query, workspaceId),
    });
    return { status: 200 as const, body: pageBody(cursor, found) };
  }

  async function file(
    { query, response, signal, scope: { actorId } }: { query: z.output<typeof auditFileQuerySchema> } & Streamed,
    workspaceId: string | null,
  ): Promise<'sent'> {
    const { format } = query;
    const leave = await transfers.downloads.enter({ owner: actorId, signal, patience: patience() });
    const name = `audit-${now().toISOString().slice(0, 10)}.${format}`;
    response.status(200).set({
      'Content-Type': auditFileTypes[format],
      'Content-Disposition': disposition(name, true),
      'Cache-Control': 'no-store',
    });
    const lines = Readable.from(auditFile(db, format, filterOf(query, workspaceId)));
    try {
      await pipeline(lines, endIdle(defaultIdleMs), response, { signal }).catch((error: unknown) => {
        if (!response.destroyed) throw error;
      });
    } finally {
      leave();
    }
    return 'sent';
  }

  const list = {
    method: 'get',
    scope: 'read',
    query: auditQuerySchema,
    responses: { 200: { description: 'One page.', schema: auditPageSchema } },
  } as const;
  const save = {
    method: 'get',
    scope: 'read',
    rate: 'files',
    query: auditFileQuerySchema,
    endsWithAccess: true,
    audit: { action: 'audit.export', subject: 'audit' },
    responses: { 200: { description: 'The file.', contentType: 'application/x-ndjson' } },
  } as const;
  const ofInstallation = { tag: 'Operation', auth: 'owner', place: 'installation' } as const;
  const ofWorkspace = {
    tag: 'Workspaces',
    auth: 'user',
    place: { of: 'named workspace', role: 'admin' },
    params: workspaceParams,
    notFound: 'WORKSPACE_NOT_FOUND',
  } as const;

  return [
    defineRoute({
      ...ofInstallation,
      ...list,
      path: '/api/admin/audit',
      summary: 'The audit log, newest first',
      handler: ({ query }) => page(query, null),
    }),
    defineRoute({
      ...ofInstallation,
      ...save,
      path: '/api/admin/audit/export',
      summary: 'The audit log as a file of JSON lines or CSV, newest first',
      handler: (context) => file(context, null),
    }),
    defineRoute({
      ...ofWorkspace,
      ...list,
      path: '/api/workspaces/:id/audit',
      summary: 'What was done in a workspace, newest first',
      handler: ({ query, scope }) => page(query, teamOf(scope)),
    }),
    defineRoute({
      ...ofWorkspace,
      ...save,
      path: '/api/workspaces/:id/audit/export',
      summary: 'What was done in a workspace, as a file of JSON lines or CSV',
      handler: (context) => file(context, teamOf(context.scope)),
    }),
  ];
}

type Streamed = Pick<RouteContext<unknown, unknown, unknown>, 'response' | 'signal' | 'scope'>;

interface AskedFilter {
  readonly action?: string | undefined;
  readonly search?: string | undefined;
}

/** `workspaceId`: null for everything in the installation. */
function filterOf({ action, search }: AskedFilter, workspaceId: string | null): AuditFilter {
  return { action: action ?? null, search: search === undefined || search === '' ? null : search, workspaceId };
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
