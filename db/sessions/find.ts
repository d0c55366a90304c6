import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { userColumns, type UserRow } from '../users/rows.ts';

/** How a session was opened. */
export type SessionMethod = 'password' | 'link' | 'invitation';

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
