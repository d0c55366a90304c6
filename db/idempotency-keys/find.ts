import type { Db } from '../client.ts';

export interface IdempotencyRow {
  readonly requestHash: string;
  /** Null while the first request is under way. */
  readonly status: number | null;
  readonly response: unknown;
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
