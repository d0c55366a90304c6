import type { Db } from '../client.ts';
import { ago } from '../time-sql.ts';

/** Removes lines that are older than `ageMs`. */
export async function deleteOldAuditEntries(db: Db, ageMs: number): Promise<void> {
  await db.deleteFrom('audit_log').where('at', '<', ago(ageMs)).execute();
}
