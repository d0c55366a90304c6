import { sql } from 'kysely';
import type { Db } from '../client.ts';

/**
 * Lets the next request with this key try again at once, for the same thing: it
 * is not known whether this one made it.
 */
export async function abandonIdempotencyKey(db: Db, userId: string, key: string): Promise<void> {
  await db
    .updateTable('idempotency_keys')
    .set({ taken_at: sql<Date>`'-infinity'` })
    .where('user_id', '=', userId)
    .where('key', '=', key)
    .where('status', 'is', null)
    .execute();
}

/** Frees a key whose request was refused: nothing was made, and the next one may be another. */
export async function releaseIdempotencyKey(db: Db, userId: string, key: string): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('user_id', '=', userId)
    .where('key', '=', key)
    .where('status', 'is', null)
    .execute();
}
