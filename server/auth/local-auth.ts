import type { Db } from '../../db/client.ts';
import { findSession } from '../../db/sessions/find.ts';
import { touchSession } from '../../db/sessions/touch.ts';
import { authenticateApiKey, touchEveryMs } from './api-key-auth.ts';
import { sessionPrincipal } from './principal.ts';
import type { AuthProvider } from './provider.ts';
import { hashSecret } from './secrets.ts';
import { sessionCookie } from './session-cookie.ts';

/** Sign-in kept by this installation itself: API keys and session cookies, both stored as hashes. */
export function createLocalAuth({ db }: { readonly db: Db }): AuthProvider {
  return {
    hasCredential: ({ bearer, cookies }) => bearer !== null || cookies.has(sessionCookie),
    authenticate: async ({ bearer, cookies }) => {
      if (bearer !== null) return authenticateApiKey(db, bearer);
      const token = cookies.get(sessionCookie);
      if (token === undefined) return null;
      const found = await findSession(db, hashSecret(token));
      if (found === null) return null;
      await touchSession(db, found.sessionId, touchEveryMs);
      return sessionPrincipal(found.user, found.sessionId, null);
    },
  };
}
