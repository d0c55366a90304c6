import type { StorageQuota } from '../../core/limits.ts';
import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { exactTime, pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';

/** A file of a user: a name for content that is stored once, by its hash. */
export interface AssetRow {
  readonly id: string;
  readonly userId: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: number;
  /** Pixels of the upright picture. */
  readonly width: number | null;
  readonly height: number | null;
  /** Videos only. */
  readonly durationMs: number | null;
  readonly createdAt: Date;
}

const columns = [
  'id',
  'user_id as userId',
  'sha256',
  'name',
  'mime_type as mimeType',
  'bytes',
  'width',
  'height',
  'duration_ms as durationMs',
  'created_at as createdAt',
] as const;

/** `bigint` is read as text; files are far below 2^53 bytes. */
function assetOf<Row extends { readonly bytes: string }>(row: Row): Omit<Row, 'bytes'> & { readonly bytes: number } {
  return { ...row, bytes: Number(row.bytes) };
}

/** A user's asset, or null where the user has none of that id. */
export async function findAsset(db: Db, userId: string, id: string): Promise<AssetRow | null> {
  const row = await db
    .selectFrom('assets')
    .select(columns)
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row === undefined ? null : assetOf(row);
}

/** A user's assets of these ids, by id; what the user does not have is missing. */
export async function findAssets(
  db: Db,
  userId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AssetRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('assets')
    .select(columns)
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .where('user_id', '=', userId)
    .execute();
  return new Map(rows.map((row) => [row.id, assetOf(row)]));
}

/**
 * Stores an asset, or returns the one that the user has of that name and
 * content; null where the user's quota would be exceeded. An advisory lock per
 * user makes inserts of one user wait for each other, so that together they
 * cannot exceed it either.
 */
export async function insertAssetWithin(
  db: Db,
  asset: Omit<AssetRow, 'createdAt'>,
  quota: StorageQuota,
): Promise<AssetRow | null> {
  return db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('heddle-assets ' || ${asset.userId}, 0))`.execute(
      transaction,
    );
    const existing = await transaction
      .selectFrom('assets')
      .select(columns)
      .where('user_id', '=', asset.userId)
      .where('sha256', '=', asset.sha256)
      .where('name', '=', asset.name)
      .executeTakeFirst();
    if (existing !== undefined) return assetOf(existing);
    const kept = await transaction
      .selectFrom('assets')
      .select([sql<string>`count(*)`.as('files'), sql<string>`coalesce(sum(bytes), 0)`.as('bytes')])
      .where('user_id', '=', asset.userId)
      .executeTakeFirstOrThrow();
    const isFull = Number(kept.files) + 1 > quota.maxFiles || Number(kept.bytes) + asset.bytes > quota.maxBytes;
    if (isFull) return null;
    const row = await transaction
      .insertInto('assets')
      .values({
        id: asset.id,
        user_id: asset.userId,
        sha256: asset.sha256,
        name: asset.name,
        mime_type: asset.mimeType,
        bytes: asset.bytes,
        width: asset.width,
        height: asset.height,
        duration_ms: asset.durationMs,
      })
      .returning(columns)
      .executeTakeFirstOrThrow();
    return assetOf(row);
  });
}

/** Those of the given contents that any user's asset refers to. Relies on assets_sha256. */
export async function findReferencedContents(db: Db, sha256s: readonly string[]): Promise<ReadonlySet<string>> {
  if (sha256s.length === 0) return new Set();
  const rows = await db
    .selectFrom('assets')
    .select('sha256')
    .distinct()
    .where('sha256', '=', sql<string>`any(${[...sha256s]}::text[])`)
    .execute();
  return new Set(rows.map((row) => row.sha256));
}

/** The rows of assets as the asset service asks for them. */
export function createAssetRows(db: Db) {
  return {
    find: (userId: string, assetId: string) => findAsset(db, userId, assetId),
    insert: (asset: Omit<AssetRow, 'createdAt'>, quota: StorageQuota) => insertAssetWithin(db, asset, quota),
    findReferenced: (sha256s: readonly string[]) => findReferencedContents(db, sha256s),
  };
}

/** One page of a user's assets, newest first. Relies on assets_user_created. */
export async function listAssets(
  db: Db,
  query: {
    readonly userId: string;
    readonly limit: number;
    readonly after: PageCursor | null;
    readonly kind: 'image' | 'video' | null;
  },
): Promise<Page<AssetRow>> {
  let select = db
    .selectFrom('assets')
    .select(columns)
    .select(exactTime('created_at').as('exactCreatedAt'))
    .where('user_id', '=', query.userId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.kind !== null) select = select.where('mime_type', 'like', `${query.kind}/%`);
  if (query.after !== null) {
    const { value, id } = query.after;
    select = select.where(sql<boolean>`(created_at, id) < (${value}::timestamptz, ${id}::uuid)`);
  }
  return pageOfRows(
    await select.execute(),
    query.limit,
    ({ exactCreatedAt: _exact, ...row }) => assetOf(row),
    (row) => ({ value: row.exactCreatedAt, id: row.id }),
  );
}
