import { sql } from 'kysely';
import type { AuditAction } from '../../core/api/audit.ts';
import type { Db } from '../client.ts';

/** An entry that is written as it is: nothing in it may be a secret. */
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
  /** The workspace of several that it is about; null: none. */
  readonly workspaceId: string | null;
  /** Never a secret. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What keeps one person's lines from being many. */
export interface AuditLine {
  /** Whose part of the log it takes; lines of one share are written one after another. */
  readonly share: string;
  /** What is the same act: done again within the hour it is counted, and makes no line. */
  readonly act: Buffer;
  /** A further piece of something that may have a line: counted only where it makes one. */
  readonly isFurther: boolean;
  /** Lines of the share in one hour. */
  readonly most: number;
  /** The line on which everything of the kind is counted once the share has that many. */
  readonly rest: { readonly id: string; readonly act: Buffer; readonly details: Readonly<Record<string, unknown>> };
}

const hour = sql<Date>`date_trunc('hour', now())`;

/**
 * Writes an act into the audit log, at the database's time: as one more on the line of the
 * same act within the hour, as a line of its own while the share has room, and otherwise
 * on the line of the rest. Relies on audit_log (act, hour) and audit_log (share, at).
 */
export async function noteAuditEntry(db: Db, entry: NewAuditEntry, line: AuditLine): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`heddle-audit ${line.share}`}, 0))`.execute(trx);
    if (await countAgain(trx, line.act, line.isFurther ? 0 : 1)) return;
    const { lines } = await trx
      .selectFrom('audit_log')
      .select(sql<number>`count(*)::integer`.as('lines'))
      .where('share', '=', line.share)
      .where('at', '>=', hour)
      .executeTakeFirstOrThrow();
    if (lines < line.most) await insertLine(trx, entry, line);
    else if (!(await countAgain(trx, line.rest.act, 1))) {
      const rest = { ...entry, id: line.rest.id, subject: null, details: line.rest.details };
      await insertLine(trx, rest, { share: line.share, act: line.rest.act });
    }
  });
}

async function countAgain(trx: Db, act: Buffer, by: number): Promise<boolean> {
  const row = await trx
    .updateTable('audit_log')
    .set((set) => ({ count: set('count', '+', by), last_at: sql<Date>`clock_timestamp()` }))
    .where('act', '=', act)
    .where('hour', '=', hour)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

async function insertLine(trx: Db, entry: NewAuditEntry, { share, act }: Pick<AuditLine, 'share' | 'act'>) {
  await trx
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
      workspace_id: entry.workspaceId,
      details: JSON.stringify(entry.details),
      share,
      act,
      hour,
    })
    .execute();
}
