import { apiKeyPattern } from '../../core/api/keys.ts';
import type { Db } from '../../db/client.ts';
import { findApiKey, touchApiKey } from '../../db/queries/api-keys.ts';
import { findSession, touchSession } from '../../db/queries/sessions.ts';
import type { UserRow } from '../../db/queries/users.ts';
import type { AuthProvider, Principal } from './principal.ts';
import { hashSecret, isSameHash } from './secrets.ts';

/** "Last used" is shown to the minute at best; writing it more often would cost a write for each read. */
const touchEveryMs = 60_000;

/** Sign-in kept by this installation itself: API keys and session cookies, both stored as hashes. */
export function createLocalAuth({ db }: { readonly db: Db }): AuthProvider {
  async function byApiKey(key: string): Promise<Principal | null> {
    if (!apiKeyPattern.test(key)) return null;
    const keyHash = hashSecret(key);
    const found = await findApiKey(db, keyHash);
    if (found === null || !isSameHash(found.keyHash, keyHash)) return null;
    await touchApiKey(db, found.keyId, touchEveryMs);
    return principalOf(found.user, 'api-key', found.keyId);
  }

  async function bySession(token: string): Promise<Principal | null> {
    const found = await findSession(db, hashSecret(token));
    if (found === null) return null;
    await touchSession(db, found.sessionId, touchEveryMs);
    return principalOf(found.user, 'session', found.sessionId);
  }

  return {
    mode: 'local',
    authenticate: async ({ bearer, session }) => {
      if (bearer !== null) return byApiKey(bearer);
      return session === null ? null : bySession(session);
    },
  };
}

function principalOf(user: UserRow, via: Principal['via'], credentialId: string): Principal {
  return {
    userId: user.id,
    email: user.email,
    firstName: user.firstName,
    lastName: user.lastName,
    role: user.role,
    via,
    credentialId,
  };
}
