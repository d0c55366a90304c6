import { sql } from 'kysely';
import type { ApiKey, ApiKeyScope } from '../../core/api/keys.ts';
import type { WorkspaceRole } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';
import { apiKeyOf, columns } from './rows.ts';

interface NewApiKey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly prefix: string;
  /** SHA-256 of the whole key. */
  readonly keyHash: Buffer;
  readonly scopes: readonly ApiKeyScope[];
  /** Null: until it is revoked. */
  readonly expiresAt: Date | null;
  /** The only workspace that it is good for; null: all of its account. */
  readonly workspaceId?: string | null;
  /** What it may do at most in a workspace; null: what its account may. */
  readonly role?: WorkspaceRole | null;
}

/** Stores a key, or does nothing where the same key is stored already, revoked or not; returns the row that is there. */
export async function insertApiKeyOnce(db: Db, key: NewApiKey): Promise<ApiKey> {
  await db
    .insertInto('api_keys')
    .values({
      id: key.id,
      user_id: key.userId,
      name: key.name,
      prefix: key.prefix,
      key_hash: key.keyHash,
      scopes: [...key.scopes],
      expires_at: key.expiresAt,
      workspace_id: key.workspaceId ?? null,
      role: key.role ?? null,
    })
    .onConflict((conflict) => conflict.column('key_hash').doNothing())
    .execute();
  const row = await db
    .selectFrom('api_keys')
    .select(columns)
    .where('key_hash', '=', key.keyHash)
    .executeTakeFirstOrThrow();
  return apiKeyOf(row);
}

/**
 * Stores a new key of a user. `full` where the user has `most` keys, `gone` where
 * the account was removed, `barred` where it may not do (any more) what the key may.
 */
export async function insertApiKey(db: Db, key: NewApiKey, most: number): Promise<ApiKey | 'full' | 'gone' | 'barred'> {
  return db.transaction().execute(async (trx) => {
    const role = await holdAccount(trx, key.userId);
    if (role === null) return 'gone';
    if (role === 'viewer') return 'barred';
    const { count } = await trx
      .selectFrom('api_keys')
      .select(sql<number>`count(*)::integer`.as('count'))
      .where('user_id', '=', key.userId)
      .where('revoked_at', 'is', null)
      .executeTakeFirstOrThrow();
    return count >= most ? 'full' : insertApiKeyOnce(trx, key);
  });
}
