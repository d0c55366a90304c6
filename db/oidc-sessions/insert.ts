import type { Db } from '../client.ts';

/** What an OpenID Connect provider knows a session by. */
export interface NewOidcSession {
  /** Id of the provider in the configuration. */
  readonly provider: string;
  readonly subject: string;
  /** The session at the provider; null where it has not said. */
  readonly providerSession: string | null;
  readonly sealedRefreshToken: Buffer | null;
  /** After how long the provider is asked again, in milliseconds. */
  readonly recheckMs: number;
}

/** Notes which session of a provider a session of ours belongs to. */
export async function insertOidcSession(trx: Db, sessionId: string, session: NewOidcSession): Promise<void> {
  await trx
    .insertInto('oidc_sessions')
    .values({
      session_id: sessionId,
      provider: session.provider,
      subject: session.subject,
      provider_session: session.providerSession,
      sealed_refresh_token: session.sealedRefreshToken,
    })
    .execute();
}
