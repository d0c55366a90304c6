import { sql } from 'kysely';
import type { SessionInfo } from '../../core/api/auth.ts';
import type { Db } from '../client.ts';

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
