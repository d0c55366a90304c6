import { sql } from 'kysely';
import type { SessionInfo } from '../../core/api/auth.ts';
import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';
import { userColumns, type UserRow } from '../users/find.ts';

/** How a session was opened. */
export type SessionMethod = 'password' | 'link' | 'invitation';

export interface NewSession {
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
        expires_at: sql<Date>`now() + make_interval(secs => ${session.ttlMs}::double precision / 1000)`,
        method: session.method,
        user_agent: session.userAgent,
        address: session.address,
      })
      .execute();
    await trx
      .deleteFrom('sessions')
      .where('user_id', '=', session.userId)
      .where('id', '!=', session.id)
      .where('id', 'not in', (from) =>
        from
          .selectFrom('sessions as s')
          .select('s.id')
          .where('s.user_id', '=', session.userId)
          .where('s.id', '!=', session.id)
          .orderBy('s.last_used_at', 'desc')
          .orderBy('s.id')
          .limit(maxSessionsPerUser - 1),
      )
      .execute();
    return true;
  });
}

/** The user of a live session, or null. */
export async function findSession(db: Db, tokenHash: Buffer): Promise<{ sessionId: string; user: UserRow } | null> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select([...userColumns, 'sessions.id as sessionId'])
    .where('sessions.token_hash', '=', tokenHash)
    .where('sessions.expires_at', '>', sql<Date>`now()`)
    .where('users.removed_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { sessionId, ...user } = row;
  return { sessionId, user };
}

/** How a user's session was opened, or null where there is none. */
export async function findSessionMethod(db: Db, userId: string, id: string): Promise<SessionMethod | null> {
  const row = await db
    .selectFrom('sessions')
    .select('method')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.method ?? null;
}

/** A user's live sessions, the last used first. */
export async function listSessions(db: Db, userId: string): Promise<Omit<SessionInfo, 'current'>[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(['id', 'user_agent', 'address', 'created_at', 'last_used_at', 'expires_at'])
    .where('user_id', '=', userId)
    .where('expires_at', '>', sql<Date>`now()`)
    .orderBy('last_used_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    userAgent: row.user_agent,
    address: row.address,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }));
}

/** Notes that a session was used, unless that was noted within `everyMs`: a read must not cost a write each time. */
export async function touchSession(db: Db, id: string, everyMs: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ last_used_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('last_used_at', '<', sql<Date>`now() - make_interval(secs => ${everyMs}::double precision / 1000)`)
    .execute();
}

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

/** Removes sessions that have ended and sign-in tokens that were used or are too old. */
export async function deleteExpiredSessions(db: Db): Promise<void> {
  await db
    .deleteFrom('sessions')
    .where('expires_at', '<=', sql<Date>`now()`)
    .execute();
  await db
    .deleteFrom('sign_in_tokens')
    .where('expires_at', '<=', sql<Date>`now()`)
    .execute();
}
