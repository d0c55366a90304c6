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
