import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Notes that a message came. False where it came before. Call it in the transaction of what the message does. */
export async function insertWebhookMessageOnce(db: Db, id: string): Promise<boolean> {
  const result = await db
    .insertInto('webhook_messages')
    .values({ id })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Notes that a session of the identity provider has ended, whatever its tokens say. */
export async function insertEndedSession(db: Db, id: string): Promise<void> {
  await db
    .insertInto('ended_sessions')
    .values({ id })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Forgets messages and ended sessions that are older than `ageMs`: no token and no repetition lives so long. */
export async function deleteOldWebhookMessages(db: Db, ageMs: number): Promise<void> {
  const before = sql<Date>`now() - make_interval(secs => ${ageMs}::double precision / 1000)`;
  await db.deleteFrom('webhook_messages').where('received_at', '<', before).execute();
  await db.deleteFrom('ended_sessions').where('ended_at', '<', before).execute();
}
