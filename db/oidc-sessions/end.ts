import type { Db } from '../client.ts';

/**
 * Ends the sessions that a provider's session opened, or all of a person there. Returns whose they were.
 * Relies on oidc_sessions_provider_session and oidc_sessions_subject.
 */
export async function endOidcSessions(
  db: Db,
  provider: string,
  of: { readonly providerSession: string } | { readonly subject: string },
): Promise<readonly string[]> {
  const ended = await db
    .deleteFrom('sessions')
    .using('oidc_sessions as o')
    .whereRef('o.session_id', '=', 'sessions.id')
    .where('o.provider', '=', provider)
    .where((where) =>
      'subject' in of ? where('o.subject', '=', of.subject) : where('o.provider_session', '=', of.providerSession),
    )
    .returning('sessions.user_id as userId')
    .execute();
  return [...new Set(ended.map(({ userId }) => userId))];
}
