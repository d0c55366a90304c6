import { sql } from 'kysely';
import type { ApiKeyScope } from '../../core/api/keys.ts';
import type { Db } from '../client.ts';
import { userColumns, type UserRow } from '../users/rows.ts';

export interface FoundApiKey {
  readonly keyId: string;
  /** As stored, to compare in constant time. */
  readonly keyHash: Buffer;
  readonly scopes: readonly ApiKeyScope[];
  readonly expiresAt: Date | null;
  readonly user: UserRow;
}

/** The key with that hash and its user; null where it is unknown, revoked or expired, or its user was removed. */
export async function findApiKey(db: Db, keyHash: Buffer): Promise<FoundApiKey | null> {
  const row = await db
    .selectFrom('api_keys')
    .innerJoin('users', 'users.id', 'api_keys.user_id')
    .select([
      ...userColumns,
      'api_keys.id as keyId',
      'api_keys.key_hash as keyHash',
      'api_keys.scopes',
      'api_keys.expires_at as expiresAt',
    ])
    .where('api_keys.key_hash', '=', keyHash)
    .where('api_keys.revoked_at', 'is', null)
    .where((where) =>
      where.or([where('api_keys.expires_at', 'is', null), where('api_keys.expires_at', '>', sql<Date>`now()`)]),
    )
    .where('users.removed_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { keyId, keyHash: stored, scopes, expiresAt, ...user } = row;
  return { keyId, keyHash: stored, scopes, expiresAt, user };
}
