import type { AuditAction } from '../../core/api/audit.ts';
import type { Db } from '../client.ts';

export interface NewAuditEntry {
  readonly id: string;
  readonly action: AuditAction;
  readonly isRefused: boolean;
  readonly actorId: string | null;
  readonly actorEmail: string | null;
  readonly via: string | null;
  readonly subject: { readonly type: string; readonly id: string | null; readonly name: string | null } | null;
  readonly address: string | null;
  readonly requestId: string | null;
  /** Never a secret. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Writes one line of the audit log, at the database's time. */
export async function insertAuditEntry(db: Db, entry: NewAuditEntry): Promise<void> {
  await db
    .insertInto('audit_log')
    .values({
      id: entry.id,
      action: entry.action,
      is_refused: entry.isRefused,
      actor_id: entry.actorId,
      actor_email: entry.actorEmail,
      via: entry.via,
      subject_type: entry.subject?.type ?? null,
      subject_id: entry.subject?.id ?? null,
      subject_name: entry.subject?.name ?? null,
      address: entry.address,
      request_id: entry.requestId,
      details: JSON.stringify(entry.details),
    })
    .execute();
}
