import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Removes lines that are older than `ageMs`. */
export async function deleteOldAuditEntries(db: Db, ageMs: number): Promise<void> {
  await db
    .deleteFrom('audit_log')
    .where('at', '<', sql<Date>`now() - make_interval(secs => ${ageMs}::double precision / 1000)`)
    .execute();
}
