import { sql } from 'kysely';
import type { Db } from '../client.ts';

export interface IdempotencyRow {
  readonly requestHash: string;
  /** Null while the first request is under way. */
  readonly status: number | null;
  readonly response: unknown;
}

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

/** What is known under a key, or null. */
export async function findIdempotencyKey(db: Db, userId: string, key: string): Promise<IdempotencyRow | null> {
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['request_hash as requestHash', 'status', 'response'])
    .where('user_id', '=', userId)
    .where('key', '=', key)
    .executeTakeFirst();
  return row ?? null;
}

/** Keeps the answer for later requests with the same key. */
export async function saveIdempotentAnswer(
  db: Db,
  answer: { readonly userId: string; readonly key: string; readonly status: number; readonly response: unknown },
): Promise<void> {
  await db
    .updateTable('idempotency_keys')
    .set({ status: answer.status, response: JSON.stringify(answer.response ?? null) })
    .where('user_id', '=', answer.userId)
    .where('key', '=', answer.key)
    .execute();
}

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

/** Removes keys older than `maxAgeMs`. Relies on idempotency_keys_created. */
export async function deleteOldIdempotencyKeys(db: Db, maxAgeMs: number): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', sql<Date>`now() - make_interval(secs => ${maxAgeMs}::double precision / 1000)`)
    .execute();
}
