import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { userColumns, type UserRow } from './users.ts';

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  /** SHA-256 of the cookie's value. */
  readonly tokenHash: Buffer;
  readonly ttlMs: number;
}

/** Starts a session that ends `ttlMs` from now, by the database's clock. */
export async function insertSession(db: Db, session: NewSession): Promise<void> {
  await db
    .insertInto('sessions')
    .values({
      id: session.id,
      user_id: session.userId,
      token_hash: session.tokenHash,
      expires_at: sql<Date>`now() + make_interval(secs => ${session.ttlMs}::double precision / 1000)`,
    })
    .execute();
}

/** The user of a live session, or null. */
export async function findSession(db: Db, tokenHash: Buffer): Promise<{ sessionId: string; user: UserRow } | null> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select([...userColumns, 'sessions.id as sessionId'])
    .where('sessions.token_hash', '=', tokenHash)
    .where('sessions.expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { sessionId, ...user } = row;
  return { sessionId, user };
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

/** Ends a session. */
export async function deleteSession(db: Db, id: string): Promise<void> {
  await db.deleteFrom('sessions').where('id', '=', id).execute();
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
