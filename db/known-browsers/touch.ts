import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Notes that a known browser has signed in again. False where it is not known. */
export async function touchKnownBrowser(db: Db, userId: string, tokenHash: Buffer): Promise<boolean> {
  const result = await db
    .updateTable('known_browsers')
    .set({ last_used_at: sql<Date>`now()` })
    .where('token_hash', '=', tokenHash)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
