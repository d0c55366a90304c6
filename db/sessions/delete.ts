import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Ends a user's session. False where the user has no such session. */
export async function deleteSession(db: Db, userId: string, id: string): Promise<boolean> {
  const result = await db.deleteFrom('sessions').where('id', '=', id).where('user_id', '=', userId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Ends all sessions of a user but one; null ends that one too. Returns how many. */
export async function deleteOtherSessions(db: Db, userId: string, keptId: string | null): Promise<number> {
  let statement = db.deleteFrom('sessions').where('user_id', '=', userId);
  if (keptId !== null) statement = statement.where('id', '!=', keptId);
  return Number((await statement.executeTakeFirst()).numDeletedRows);
}

/** Removes sessions that have ended, sign-in tokens that were used or are too old, and people who never came back from a provider. */
export async function deleteExpiredSessions(db: Db): Promise<void> {
  await db
    .deleteFrom('sessions')
    .where('expires_at', '<=', sql<Date>`now()`)
    .execute();
  await db
    .deleteFrom('sign_in_tokens')
    .where('expires_at', '<=', sql<Date>`now()`)
    .execute();
  await db
    .deleteFrom('oidc_sign_ins')
    .where('expires_at', '<=', sql<Date>`now()`)
    .execute();
}
