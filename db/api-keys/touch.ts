import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { ago } from '../time-sql.ts';

/** Notes that a key was used, unless that was noted within `everyMs`. */
export async function touchApiKey(db: Db, id: string, everyMs: number): Promise<void> {
  await db
    .updateTable('api_keys')
    .set({ last_used_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', ago(everyMs))]))
    .execute();
}
