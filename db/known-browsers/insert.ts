import type { Db } from '../client.ts';
import { deleteLeastUsed } from '../delete-least-used.ts';
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
    const most = maxKnownBrowsersPerUser;
    await deleteLeastUsed(trx, { table: 'known_browsers', key: 'token_hash' }, { userId, kept: tokenHash, most });
    return true;
  });
}
