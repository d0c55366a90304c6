import { sql } from 'kysely';
import type { ApiKey } from '../../core/api/keys.ts';
import type { Db } from '../client.ts';
import { userColumns, type UserRow } from './users.ts';

export interface NewApiKey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly prefix: string;
  /** SHA-256 of the whole key. */
  readonly keyHash: Buffer;
}

const columns = ['id', 'name', 'prefix', 'created_at', 'last_used_at'] as const;

interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

function apiKeyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}

/** Stores a key, or does nothing where the same key is stored already; returns the row that is there. */
export async function insertApiKeyOnce(db: Db, key: NewApiKey): Promise<ApiKey> {
  await db
    .insertInto('api_keys')
    .values({ id: key.id, user_id: key.userId, name: key.name, prefix: key.prefix, key_hash: key.keyHash })
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
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(apiKeyOf);
}

/** How many keys a user has. */
export async function countApiKeys(db: Db, userId: string): Promise<number> {
  const row = await db
    .selectFrom('api_keys')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Revokes a user's key. False where the user has no such key. */
export async function deleteApiKey(db: Db, userId: string, id: string): Promise<boolean> {
  const result = await db.deleteFrom('api_keys').where('id', '=', id).where('user_id', '=', userId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** The key with that hash, the hash as stored (to compare in constant time) and its user, or null. */
export async function findApiKey(
  db: Db,
  keyHash: Buffer,
): Promise<{ keyId: string; keyHash: Buffer; user: UserRow } | null> {
  const row = await db
    .selectFrom('api_keys')
    .innerJoin('users', 'users.id', 'api_keys.user_id')
    .select([...userColumns, 'api_keys.id as keyId', 'api_keys.key_hash as keyHash'])
    .where('api_keys.key_hash', '=', keyHash)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { keyId, keyHash: stored, ...user } = row;
  return { keyId, keyHash: stored, user };
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
