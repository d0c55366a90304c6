import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Revokes a user's key and returns its name; null where the user has no such key. */
export async function revokeApiKey(db: Db, userId: string, id: string): Promise<string | null> {
  const row = await db
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .returning('name')
    .executeTakeFirst();
  return row?.name ?? null;
}
