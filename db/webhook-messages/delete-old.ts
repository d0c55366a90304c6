import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Forgets messages and ended sessions that are older than `ageMs`: no token and no repetition lives so long. */
export async function deleteOldWebhookMessages(db: Db, ageMs: number): Promise<void> {
  const before = sql<Date>`now() - make_interval(secs => ${ageMs}::double precision / 1000)`;
  await db.deleteFrom('webhook_messages').where('received_at', '<', before).execute();
  await db.deleteFrom('ended_sessions').where('ended_at', '<', before).execute();
}
