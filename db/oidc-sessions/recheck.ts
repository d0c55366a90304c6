import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { fromNow } from '../time-sql.ts';

/**
 * Takes the turn to ask the provider about a session that is due. False where another server has it, which is seen by a
 * time that lies ahead again.
 */
export async function takeRecheck(db: Db, sessionId: string, nextMs: number): Promise<boolean> {
  const result = await db
    .updateTable('sessions')
    .set({ recheck_at: fromNow(nextMs) })
    .where('id', '=', sessionId)
    .where('recheck_at', '<=', sql<Date>`now()`)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Has the provider asked again later. */
export async function postponeRecheck(db: Db, sessionId: string, nextMs: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ recheck_at: fromNow(nextMs) })
    .where('id', '=', sessionId)
    .execute();
}

/** Keeps the token that the provider has given for the next time. */
export async function replaceRefreshToken(db: Db, sessionId: string, sealedRefreshToken: Buffer): Promise<void> {
  await db
    .updateTable('oidc_sessions')
    .set({ sealed_refresh_token: sealedRefreshToken })
    .where('session_id', '=', sessionId)
    .execute();
}
