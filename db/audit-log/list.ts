import { sql } from 'kysely';
import type { AuditEntry } from '../../core/api/audit.ts';
import type { Db } from '../client.ts';
import { containing } from '../containing.ts';
import { exactTime, pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';

/** Which entries are meant; all conditions hold together. */
export interface AuditFilter {
  /** Only this action; null for all. */
  readonly action: string | null;
  /** Part of an actor's e-mail address or of a subject's name, whatever the case; null for all. */
  readonly search: string | null;
  /** Only what is about this workspace; null for all. */
  readonly workspaceId: string | null;
}

interface AuditQuery extends AuditFilter {
  readonly limit: number;
  readonly after: PageCursor | null;
}

/** One page, newest first. Relies on the indexes audit_log_at and audit_log_workspace. */
export async function listAuditEntries(db: Db, query: AuditQuery): Promise<Page<AuditEntry>> {
  let select = db
    .selectFrom('audit_log')
    .selectAll()
    .select(exactTime('at').as('exactAt'))
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.workspaceId !== null) select = select.where('workspace_id', '=', query.workspaceId);
  if (query.action !== null) select = select.where('action', '=', query.action);
  if (query.search !== null) {
    const pattern = containing(query.search);
    select = select.where((where) =>
      where.or([where('actor_email', 'ilike', pattern), where('subject_name', 'ilike', pattern)]),
    );
  }
  if (query.after !== null) {
    const { value, id } = query.after;
    select = select.where(sql<boolean>`(at, id) < (${value}::timestamptz, ${id}::uuid)`);
  }
  return pageOfRows(
    await select.execute(),
    query.limit,
    (row): AuditEntry => ({
      id: row.id,
      at: row.at.toISOString(),
      lastAt: row.last_at.toISOString(),
      count: row.count,
      action: row.action,
      refused: row.is_refused,
      actor: { id: row.actor_id, email: row.actor_email },
      via: row.via,
      subject:
        row.subject_type === null ? null : { type: row.subject_type, id: row.subject_id, name: row.subject_name },
      address: row.address,
      requestId: row.request_id,
      workspaceId: row.workspace_id,
      details: row.details,
    }),
    (row) => ({ value: row.exactAt, id: row.id }),
  );
}
