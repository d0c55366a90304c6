import type { Db } from '../client.ts';
import { ago } from '../time-sql.ts';

/** Removes keys older than `maxAgeMs`. Relies on idempotency_keys_created. */
export async function deleteOldIdempotencyKeys(db: Db, maxAgeMs: number): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('created_at', '<', ago(maxAgeMs)).execute();
}
