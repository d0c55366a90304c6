import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';
import { fromNow } from '../time-sql.ts';

interface NewSignInToken {
  readonly tokenHash: Buffer;
  readonly userId: string;
  readonly ttlMs: number;
  /** The owner who makes it; null where whoever has the machine does. */
  readonly madeBy: string | null;
}

/** Links of one account that are good at once; a further one ends the oldest. */
export const maxSignInTokensPerUser = 10;

/**
 * Stores a one-time sign-in token that is good for `ttlMs`. `missing` where the
 * account was removed, `no owner` where who makes it is none any more.
 */
export async function insertSignInToken(db: Db, token: NewSignInToken): Promise<'made' | 'missing' | 'no owner'> {
  return db.transaction().execute(async (trx) => {
    // In one order, so that two owners who make links for each other do not wait for each other.
    const held = new Map<string, string | null>();
    for (const id of [...new Set([token.userId, token.madeBy ?? token.userId])].toSorted()) {
      held.set(id, await holdAccount(trx, id));
    }
    if (token.madeBy !== null && held.get(token.madeBy) !== 'owner') return 'no owner';
    if (held.get(token.userId) === null) return 'missing';
    await trx
      .deleteFrom('sign_in_tokens')
      .where('user_id', '=', token.userId)
      .where('token_hash', 'not in', (from) =>
        from
          .selectFrom('sign_in_tokens as t')
          .select('t.token_hash')
          .where('t.user_id', '=', token.userId)
          .where('t.used_at', 'is', null)
          .orderBy('t.created_at', 'desc')
          .orderBy('t.token_hash')
          .limit(maxSignInTokensPerUser - 1),
      )
      .execute();
    await trx
      .insertInto('sign_in_tokens')
      .values({
        token_hash: token.tokenHash,
        user_id: token.userId,
        expires_at: fromNow(token.ttlMs),
        used_at: null,
        made_by: token.madeBy,
      })
      .execute();
    return 'made';
  });
}
