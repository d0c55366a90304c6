import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';

/** More browsers than a person has. */
export const maxKnownBrowsersPerUser = 20;

/**
 * Remembers a browser that has signed in; of too many the one that was not used
 * for longest is forgotten. False where the session has ended.
 */
export async function insertKnownBrowser(
  db: Db,
  { userId, sessionId, tokenHash }: { readonly userId: string; readonly sessionId: string; readonly tokenHash: Buffer },
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    if ((await holdAccount(trx, userId)) === null) return false;
    const session = await trx.selectFrom('sessions').select('id').where('id', '=', sessionId).executeTakeFirst();
    if (session === undefined) return false;
    await trx.insertInto('known_browsers').values({ token_hash: tokenHash, user_id: userId }).execute();
    await trx
      .deleteFrom('known_browsers')
      .where('user_id', '=', userId)
      .where('token_hash', '!=', tokenHash)
      .where('token_hash', 'not in', (from) =>
        from
          .selectFrom('known_browsers as k')
          .select('k.token_hash')
          .where('k.user_id', '=', userId)
          .where('k.token_hash', '!=', tokenHash)
          .orderBy('k.last_used_at', 'desc')
          .orderBy('k.token_hash')
          .limit(maxKnownBrowsersPerUser - 1),
      )
      .execute();
    return true;
  });
}
