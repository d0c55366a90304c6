import type { Db } from '../client.ts';
import { statement, type Queryable } from '../statement.ts';
import { askingFields, type AskingUser } from '../users/rows.ts';

/** How a session was opened. */
export type SessionMethod = 'password' | 'link' | 'invitation' | 'oidc';

/*
 * find: a live session with its user; notes that it was used, unless that was noted lately.
 *
 * Locks   the session, where that is noted.
 * Relies  on sessions (token_hash), workspace_members (account_id) and the primary keys.
 */
const find = statement<AskingUser & { sessionId: string; isDue: boolean }>(
  'find-session',
  `with found as materialized (
    select ${askingFields}, s.id as "sessionId", coalesce(s.recheck_at <= now(), false) as "isDue"
      from sessions s join users u on u.id = s.user_id
     where s.token_hash = $1 and s.expires_at > now() and u.removed_at is null
  ),
  used as (
    update sessions s set last_used_at = now() from found f
     where s.id = f."sessionId" and s.last_used_at < now() - make_interval(secs => $2::double precision / 1000)
  )
  select * from found`,
);

interface FoundSession {
  readonly sessionId: string;
  readonly user: AskingUser;
  /** Its identity provider has to be asked whether it still counts. */
  readonly isDue: boolean;
}

/** The user of a live session, or null. That it was used is noted, unless it was within `touchEveryMs`. */
export async function findSession(
  on: Queryable,
  tokenHash: Buffer,
  touchEveryMs: number,
): Promise<FoundSession | null> {
  const [row] = await find(on, [tokenHash, touchEveryMs]);
  if (row === undefined) return null;
  const { sessionId, isDue, ...user } = row;
  return { sessionId, user, isDue };
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
