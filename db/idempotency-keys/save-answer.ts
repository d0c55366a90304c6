import type { Db } from '../client.ts';

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
