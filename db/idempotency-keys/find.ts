import { statement, type Queryable } from '../statement.ts';

interface IdempotencyRow {
  readonly requestHash: string;
  /** Null while the first request is under way. */
  readonly status: number | null;
  readonly response: unknown;
}

const find = statement<IdempotencyRow>(
  'find-idempotency-key',
  'select request_hash as "requestHash", status, response from idempotency_keys where user_id = $1 and key = $2',
);

/** What is known under a key, or null. */
export async function findIdempotencyKey(on: Queryable, userId: string, key: string): Promise<IdempotencyRow | null> {
  const [row] = await find(on, [userId, key]);
  return row ?? null;
}
