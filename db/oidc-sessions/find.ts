import type { Db } from '../client.ts';

interface OidcSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly provider: string;
  readonly subject: string;
  readonly sealedRefreshToken: Buffer | null;
}

/** What is known of the provider of a session; null where no provider opened it, or it has ended. */
export async function findOidcSession(db: Db, sessionId: string): Promise<OidcSession | null> {
  const row = await db
    .selectFrom('oidc_sessions as o')
    .innerJoin('sessions as s', 's.id', 'o.session_id')
    .select(['s.id as sessionId', 's.user_id as userId', 'o.provider', 'o.subject'])
    .select('o.sealed_refresh_token as sealedRefreshToken')
    .where('o.session_id', '=', sessionId)
    .executeTakeFirst();
  return row ?? null;
}
