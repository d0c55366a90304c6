import type { Db } from '../client.ts';
import { ago } from '../time-sql.ts';

/** Forgets messages and ended sessions that are older than `ageMs`: no token and no repetition lives so long. */
export async function deleteOldWebhookMessages(db: Db, ageMs: number): Promise<void> {
  const before = ago(ageMs);
  await db.deleteFrom('webhook_messages').where('received_at', '<', before).execute();
  await db.deleteFrom('ended_sessions').where('ended_at', '<', before).execute();
}
