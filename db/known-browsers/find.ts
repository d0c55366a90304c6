import type { Db } from '../client.ts';

/** Whether a browser with that token has signed in to the account before. */
export async function isKnownBrowser(db: Db, userId: string, tokenHash: Buffer): Promise<boolean> {
  const row = await db
    .selectFrom('known_browsers')
    .select('user_id')
    .where('token_hash', '=', tokenHash)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row !== undefined;
}
