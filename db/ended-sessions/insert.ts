import type { Db } from '../client.ts';

/** Notes that a session of the identity provider has ended, whatever its tokens say. */
export async function insertEndedSession(db: Db, id: string): Promise<void> {
  await db
    .insertInto('ended_sessions')
    .values({ id })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}
