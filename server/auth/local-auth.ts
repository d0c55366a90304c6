import type pg from 'pg';
import { findSession } from '../../db/sessions/find.ts';
import { authenticateApiKey, touchEveryMs } from './api-key-auth.ts';
import { sessionPrincipal } from './principal.ts';
import type { AuthProvider } from './provider.ts';
import { hashSecret } from './secrets.ts';
import { sessionCookie } from './session-cookie.ts';

/** Whether a session that is due still counts, asked of the identity provider that opened it. */
type SessionRecheck = (sessionId: string) => Promise<boolean>;

/**
 * Sign-in kept by this installation itself: API keys and session cookies, both stored as hashes. A session that an identity
 * provider opened counts as long as `recheck` says so; without it no such session does once it is due.
 */
export function createLocalAuth({
  pool,
  recheck,
}: {
  readonly pool: pg.Pool;
  readonly recheck?: SessionRecheck | undefined;
}): AuthProvider {
  return {
    credentialOf: ({ bearer, cookies }) => bearer ?? cookies.get(sessionCookie) ?? null,
    authenticate: async ({ bearer, cookies }) => {
      if (bearer !== null) return authenticateApiKey(pool, bearer);
      const token = cookies.get(sessionCookie);
      if (token === undefined) return null;
      let found = await findSession(pool, hashSecret(token), touchEveryMs);
      if (found?.isDue === true) {
        if (recheck === undefined || !(await recheck(found.sessionId))) return null;
        // With the role that the person has by now.
        found = await findSession(pool, hashSecret(token), touchEveryMs);
      }
      return found === null ? null : sessionPrincipal(found.user, found.sessionId, null);
    },
  };
}
