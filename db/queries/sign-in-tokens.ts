import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Stores a one-time sign-in token that is good for `ttlMs`. */
export async function insertSignInToken(
  db: Db,
  token: { readonly tokenHash: Buffer; readonly userId: string; readonly ttlMs: number },
): Promise<void> {
  await db
    .insertInto('sign_in_tokens')
    .values({
      token_hash: token.tokenHash,
      user_id: token.userId,
      expires_at: sql<Date>`now() + make_interval(secs => ${token.ttlMs}::double precision / 1000)`,
      used_at: null,
    })
    .execute();
}

/** Ends the links of a user that nobody has used yet. */
export async function deleteSignInTokens(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('sign_in_tokens').where('user_id', '=', userId).execute();
}

/** Uses a token up and returns its user, or null where it is unknown, too old or used before. */
export async function consumeSignInToken(db: Db, tokenHash: Buffer): Promise<string | null> {
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
