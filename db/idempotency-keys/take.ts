import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Takes a key for the request; returns the id of what it is to make, or null where the key is taken. */
export async function takeIdempotencyKey(
  db: Db,
  key: { readonly userId: string; readonly key: string; readonly requestHash: string },
): Promise<string | null> {
  const row = await db
    .insertInto('idempotency_keys')
    .values({ user_id: key.userId, key: key.key, request_hash: key.requestHash, status: null, response: null })
    .onConflict((conflict) => conflict.columns(['user_id', 'key']).doNothing())
    .returning('subject_id')
    .executeTakeFirst();
  return row?.subject_id ?? null;
}

/**
 * Takes a key over from a request that did not answer within `abandonedMs`
 * (its server died) or that gave up; returns the id of what it was to make.
 */
export async function takeOverIdempotencyKey(
  db: Db,
  key: { readonly userId: string; readonly key: string; readonly abandonedMs: number },
): Promise<string | null> {
  const row = await db
    .updateTable('idempotency_keys')
    .set({ taken_at: sql<Date>`clock_timestamp()` })
    .where('user_id', '=', key.userId)
    .where('key', '=', key.key)
    .where('status', 'is', null)
    .where(
      'taken_at',
      '<',
      sql<Date>`clock_timestamp() - make_interval(secs => ${key.abandonedMs}::double precision / 1000)`,
    )
    .returning('subject_id')
    .executeTakeFirst();
  return row?.subject_id ?? null;
}
