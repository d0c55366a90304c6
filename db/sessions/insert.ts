import type { Db } from '../client.ts';
import { deleteLeastUsed } from '../delete-least-used.ts';
import { holdAccount } from '../hold.ts';
import { fromNow } from '../time-sql.ts';
import { insertOidcSession, type NewOidcSession } from '../oidc-sessions/insert.ts';
import type { SessionMethod } from './find.ts';

interface NewSession {
  readonly id: string;
  readonly userId: string;
  /** SHA-256 of the cookie's value. */
  readonly tokenHash: Buffer;
  readonly ttlMs: number;
  readonly method: SessionMethod;
  readonly userAgent: string | null;
  readonly address: string | null;
  /** The hash that the given password was held against, where there was one. */
  readonly passwordHash?: string | undefined;
  /** What the provider that opened it knows it by, where one did. */
  readonly oidc?: NewOidcSession | undefined;
}

/** More browsers than a person has; a script that signs in for each call ends its own oldest ones. */
export const maxSessionsPerUser = 50;

/**
 * Starts a session that ends `ttlMs` from now, by the database's clock. Where the
 * user has as many as there may be, the one that was not used for longest ends.
 * False where the account was removed, or has another password by now.
 */
export async function insertSession(db: Db, session: NewSession): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    if ((await holdAccount(trx, session.userId)) === null) return false;
    if (session.passwordHash !== undefined) {
      const { password_hash: stored } = await trx
        .selectFrom('users')
        .select('password_hash')
        .where('id', '=', session.userId)
        .executeTakeFirstOrThrow();
      if (stored !== session.passwordHash) return false;
    }
    await trx
      .insertInto('sessions')
      .values({
        id: session.id,
        user_id: session.userId,
        token_hash: session.tokenHash,
        expires_at: fromNow(session.ttlMs),
        method: session.method,
        user_agent: session.userAgent,
        address: session.address,
        ...(session.oidc === undefined ? {} : { recheck_at: fromNow(session.oidc.recheckMs) }),
      })
      .execute();
    if (session.oidc !== undefined) await insertOidcSession(trx, session.id, session.oidc);
    const { userId, id: kept } = session;
    await deleteLeastUsed(trx, { table: 'sessions', key: 'id' }, { userId, kept, most: maxSessionsPerUser });
    return true;
  });
}
