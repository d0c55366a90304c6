import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { ago } from '../time-sql.ts';

/** Notes that a session was used, unless that was noted within `everyMs`: a read must not cost a write each time. */
export async function touchSession(db: Db, id: string, everyMs: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ last_used_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('last_used_at', '<', ago(everyMs))
    .execute();
}
