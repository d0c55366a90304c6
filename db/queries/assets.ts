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

/**
 * Stores an asset, or returns the one that the user has of that name and
 * content. The update that changes nothing makes the statement return it.
 */
export async function insertAssetOnce(db: Db, asset: Omit<AssetRow, 'createdAt'>): Promise<AssetRow> {
  const row = await db
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
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'sha256', 'name']).doUpdateSet({ name: (set) => set.ref('excluded.name') }),
    )
    .returning(columns)
    .executeTakeFirstOrThrow();
  return assetOf(row);
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
