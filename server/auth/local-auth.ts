import type pg from 'pg';
import { findSession } from '../../db/sessions/find.ts';
import { authenticateApiKey, touchEveryMs } from './api-key-auth.ts';
import { sessionPrincipal } from './principal.ts';
import type { AuthProvider } from './provider.ts';
import { hashSecret } from './secrets.ts';
import { sessionCookie } from './session-cookie.ts';

/** Sign-in kept by this installation itself: API keys and session cookies, both stored as hashes. */
export function createLocalAuth({ pool }: { readonly pool: pg.Pool }): AuthProvider {
  return {
    credentialOf: ({ bearer, cookies }) => bearer ?? cookies.get(sessionCookie) ?? null,
    authenticate: async ({ bearer, cookies }) => {
      if (bearer !== null) return authenticateApiKey(pool, bearer);
      const token = cookies.get(sessionCookie);
      if (token === undefined) return null;
      const found = await findSession(pool, hashSecret(token), touchEveryMs);
      return found === null ? null : sessionPrincipal(found.user, found.sessionId, null);
    },
  };
}
