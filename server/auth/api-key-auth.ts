import type pg from 'pg';
import { apiKeyPattern } from '../../core/api/keys.ts';
import { findApiKey } from '../../db/api-keys/find.ts';
import { personOf, type Principal } from './principal.ts';
import { hashSecret, isSameHash } from './secrets.ts';

/** "Last used" is shown to the minute at best; writing it more often would cost a write for each read. */
export const touchEveryMs = 60_000;

/** Whose API key it is; null where it has another form, is unknown, revoked or expired. Works with every provider. */
export async function authenticateApiKey(pool: pg.Pool, key: string): Promise<Principal | null> {
  if (!apiKeyPattern.test(key)) return null;
  const keyHash = hashSecret(key);
  const found = await findApiKey(pool, keyHash, touchEveryMs);
  if (found === null || !isSameHash(found.keyHash, keyHash)) return null;
  return {
    ...personOf(found.user),
    via: 'api-key',
    credentialId: found.keyId,
    scopes: found.scopes,
    expiresAt: found.expiresAt,
    within: found.workspaceId,
    mostRole: found.mostRole,
  };
}
