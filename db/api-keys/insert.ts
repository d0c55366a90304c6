import { sql } from 'kysely';
import type { ApiKey, ApiKeyScope } from '../../core/api/keys.ts';
import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';
import { userColumns, type UserRow } from '../users/find.ts';

export interface NewApiKey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly prefix: string;
  /** SHA-256 of the whole key. */
  readonly keyHash: Buffer;
  readonly scopes: readonly ApiKeyScope[];
  /** Null: until it is revoked. */
  readonly expiresAt: Date | null;
}

const columns = ['id', 'name', 'prefix', 'scopes', 'created_at', 'last_used_at', 'expires_at'] as const;

interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: ApiKeyScope[];
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly expires_at: Date | null;
}

function apiKeyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
  };
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

/** A user's keys, newest first. */
export async function listApiKeys(db: Db, userId: string): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom('api_keys')
    .select(columns)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(apiKeyOf);
}

/**
 * Stores a new key of a user. `full` where the user has `most` keys, `barred`
 * where the account was removed or may not do (any more) what the key may.
 */
export async function insertApiKey(db: Db, key: NewApiKey, most: number): Promise<ApiKey | 'full' | 'barred'> {
  return db.transaction().execute(async (trx) => {
    const role = await holdAccount(trx, key.userId);
    if (role === null || role === 'viewer') return 'barred';
    const { count } = await trx
      .selectFrom('api_keys')
      .select(sql<number>`count(*)::integer`.as('count'))
      .where('user_id', '=', key.userId)
      .where('revoked_at', 'is', null)
      .executeTakeFirstOrThrow();
    return count >= most ? 'full' : insertApiKeyOnce(trx, key);
  });
}

/** Revokes a user's key and returns its name; null where the user has no such key. */
export async function revokeApiKey(db: Db, userId: string, id: string): Promise<string | null> {
  const row = await db
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .returning('name')
    .executeTakeFirst();
  return row?.name ?? null;
}

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

/** Notes that a key was used, unless that was noted within `everyMs`. */
export async function touchApiKey(db: Db, id: string, everyMs: number): Promise<void> {
  await db
    .updateTable('api_keys')
    .set({ last_used_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where((where) =>
      where.or([
        where('last_used_at', 'is', null),
        where('last_used_at', '<', sql<Date>`now() - make_interval(secs => ${everyMs}::double precision / 1000)`),
      ]),
    )
    .execute();
}
