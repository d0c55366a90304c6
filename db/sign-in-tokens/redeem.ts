import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Uses a token up and returns its user, or null where it is unknown, too old or used before. */
export async function redeemSignInToken(db: Db, tokenHash: Buffer): Promise<string | null> {
  const row = await db
    .updateTable('sign_in_tokens')
    .set({ used_at: sql<Date>`now()` })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .where('user_id', 'in', (from) => from.selectFrom('users').select('id').where('removed_at', 'is', null))
    .returning('user_id')
    .executeTakeFirst();
  return row?.user_id ?? null;
}
