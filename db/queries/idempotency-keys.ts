import { sql } from 'kysely';
import type { Db } from '../client.ts';

export interface IdempotencyRow {
  readonly requestHash: string;
  /** Null while the first request is under way. */
  readonly status: number | null;
  readonly response: unknown;
  /** Milliseconds since the first request came, by the database's clock. */
  readonly ageMs: number;
}

/** Takes a key for the request. True for the first one, false where the key is taken. */
export async function takeIdempotencyKey(
  db: Db,
  key: { readonly userId: string; readonly key: string; readonly requestHash: string },
): Promise<boolean> {
  const result = await db
    .insertInto('idempotency_keys')
    .values({ user_id: key.userId, key: key.key, request_hash: key.requestHash, status: null, response: null })
    .onConflict((conflict) => conflict.columns(['user_id', 'key']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** What is known under a key, or null. */
export async function findIdempotencyKey(db: Db, userId: string, key: string): Promise<IdempotencyRow | null> {
  const row = await db
    .selectFrom('idempotency_keys')
    .select([
      'request_hash as requestHash',
      'status',
      'response',
      sql<number>`(extract(epoch from (clock_timestamp() - created_at)) * 1000)::double precision`.as('ageMs'),
    ])
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

/** Frees a key whose request failed: the next one may try again. */
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
