import { createFairPool } from '../../core/fair-pool.ts';
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

/** Room for a file under way. The content is null until it is known. */
export interface AssetRoom {
  readonly id: string;
  readonly userId: string;
  readonly bytes: number;
  readonly sha256: string | null;
}

/** Longer than any upload or download may take; what a crashed process reserved is free again after that. */
const roomLastsMs = 3_600_000;

/** What is asked for counts with all files that the user keeps or that are under way. */
async function isRoom(
  transaction: Db,
  { userId, bytes, files, except }: { userId: string; bytes: number; files: number; except: string },
  quota: StorageQuota,
): Promise<boolean> {
  const { rows } = await sql<{ files: string; bytes: string }>`
    select count(*) as files, coalesce(sum(bytes), 0) as bytes from (
      select bytes + derived_bytes as bytes from assets where user_id = ${userId}
      union all
      select bytes from asset_reservations
       where user_id = ${userId} and id <> ${except} and expires_at > clock_timestamp()) kept`.execute(transaction);
  const kept = rows[0]!;
  return Number(kept.files) + files <= quota.maxFiles && Number(kept.bytes) + bytes <= quota.maxBytes;
}

/** Makes whoever asks for room of one user wait for each other, so that together they cannot exceed the quota. */
async function lockUser(transaction: Db, userId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('heddle-assets ' || ${userId}, 0))`.execute(transaction);
}

/** Makes whoever puts a content and whoever removes it wait for each other. */
async function lockContent(transaction: Db, sha256: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('heddle-content ' || ${sha256}, 0))`.execute(transaction);
}

/**
 * Takes room, or changes how much was taken under this id, and up to so much
 * `ahead` of it as there is. Gives what was taken; null: the user has not so
 * much left, and what was taken stays.
 */
export async function reserveAssetRoom(
  db: Db,
  { id, userId, bytes, sha256, ahead = 0 }: AssetRoom & { readonly ahead?: number },
  quota: StorageQuota,
): Promise<number | null> {
  const { rows } = await sql<{ taken: string | null }>`
    select take_asset_room(${id}::uuid, ${userId}, ${bytes}::bigint, ${ahead}::bigint, ${sha256}::text,
                           ${quota.maxBytes}::bigint, ${quota.maxFiles}::bigint, ${roomLastsMs}::double precision)
           as taken`.execute(db);
  const { taken } = rows[0]!;
  return taken === null ? null : Number(taken);
}

/** Gives room back that was taken for a file that did not come to be kept. */
export async function releaseAssetRoom(db: Db, id: string): Promise<void> {
  await db.deleteFrom('asset_reservations').where('id', '=', id).execute();
}

/** Removes room that a crashed process took. */
export async function dropExpiredAssetRoom(db: Db): Promise<void> {
  await db
    .deleteFrom('asset_reservations')
    .where('expires_at', '<', sql<Date>`clock_timestamp()`)
    .execute();
}

/** The asset that a user has of that name and content, or null. */
export async function findSameAsset(
  db: Db,
  { userId, sha256, name }: Pick<AssetRow, 'userId' | 'sha256' | 'name'>,
): Promise<AssetRow | null> {
  const row = await db
    .selectFrom('assets')
    .select(columns)
    .where('user_id', '=', userId)
    .where('sha256', '=', sha256)
    .where('name', '=', name)
    .executeTakeFirst();
  return row === undefined ? null : assetOf(row);
}

/** Whether a user has a file of a size between these two, both included. Relies on assets_user_bytes. */
export async function hasAssetOfSize(
  db: Db,
  userId: string,
  { least, most }: { readonly least: number; readonly most: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('assets')
    .select('id')
    .where('user_id', '=', userId)
    .where('bytes', '>=', String(least))
    .where('bytes', '<=', String(most))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Stores an asset in the room that was taken for it, which is given back, or
 * returns the one that the user has of that name and content; null where the
 * user's quota would be exceeded.
 */
export async function insertAssetWithin(
  db: Db,
  asset: Omit<AssetRow, 'createdAt'>,
  quota: StorageQuota,
  roomId: string = asset.id,
): Promise<AssetRow | null> {
  return db.transaction().execute(async (transaction) => {
    await lockUser(transaction, asset.userId);
    await transaction.deleteFrom('asset_reservations').where('id', '=', roomId).execute();
    const existing = await findSameAsset(transaction, asset);
    if (existing !== null) return existing;
    const { userId, bytes } = asset;
    if (!(await isRoom(transaction, { userId, bytes, files: 1, except: roomId }, quota))) return null;
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

/** Counts what was made from a content of the user towards the quota. False: there is no room for it. */
export async function chargeDerived(
  db: Db,
  { userId, sha256, bytes }: { readonly userId: string; readonly sha256: string; readonly bytes: number },
  quota: StorageQuota,
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    await lockUser(transaction, userId);
    const noId = '00000000-0000-0000-0000-000000000000';
    if (!(await isRoom(transaction, { userId, bytes, files: 0, except: noId }, quota))) return false;
    await transaction
      .updateTable('assets')
      .set({ derived_bytes: sql<string>`derived_bytes + ${bytes}` })
      .where('user_id', '=', userId)
      .where('sha256', '=', sha256)
      .execute();
    return true;
  });
}

/**
 * Calls `remove` where no asset of anybody has the content and nobody is about
 * to have one; until it is done nobody can be. Says whether it was called.
 */
export async function dropContent(db: Db, sha256: string, remove: () => Promise<void>): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    // The store may be slow, and the lock has to last until it is done.
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(transaction);
    await lockContent(transaction, sha256);
    const { rows } = await sql`
      select from assets where sha256 = ${sha256}
      union all
      select from asset_reservations where sha256 = ${sha256} and expires_at > clock_timestamp()
      limit 1`.execute(transaction);
    if (rows.length > 0) return false;
    await remove();
    return true;
  });
}

/** Removes a user's assets of these ids; gives those that were there. */
export async function deleteAssets(db: Db, userId: string, ids: readonly string[]): Promise<AssetRow[]> {
  const rows = await db
    .deleteFrom('assets')
    .where('user_id', '=', userId)
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .returning(columns)
    .execute();
  return rows.map(assetOf);
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

/** A user's questions for room wait for each other anyway: here they do so without a connection each. */
const roomPlaces = { places: 4, maxPerOwner: 1, maxWaitingPerOwner: 10_000 };

/** The rows of assets as the asset service asks for them. */
export function createAssetRows(db: Db) {
  const turns = createFairPool({ ...roomPlaces, busy: () => new Error('too many questions for room') });
  const { signal } = new AbortController();
  const inTurn = <Result>(owner: string, work: () => Promise<Result>) => turns.run({ owner, signal }, work);
  return {
    find: (userId: string, assetId: string) => findAsset(db, userId, assetId),
    findSame: (asset: Pick<AssetRow, 'userId' | 'sha256' | 'name'>) => findSameAsset(db, asset),
    hasOfSize: (userId: string, size: { readonly least: number; readonly most: number }) =>
      hasAssetOfSize(db, userId, size),
    reserve: (room: AssetRoom & { readonly ahead?: number }, quota: StorageQuota) =>
      inTurn(room.userId, () => reserveAssetRoom(db, room, quota)),
    release: (roomId: string) => releaseAssetRoom(db, roomId),
    insert: (asset: Omit<AssetRow, 'createdAt'>, quota: StorageQuota, roomId?: string) =>
      inTurn(asset.userId, () => insertAssetWithin(db, asset, quota, roomId)),
    chargeDerived: (derived: { userId: string; sha256: string; bytes: number }, quota: StorageQuota) =>
      inTurn(derived.userId, () => chargeDerived(db, derived, quota)),
    delete: (userId: string, ids: readonly string[]) => deleteAssets(db, userId, ids),
    dropContent: (sha256: string, remove: () => Promise<void>) => dropContent(db, sha256, remove),
    findReferenced: (sha256s: readonly string[]) => findReferencedContents(db, sha256s),
  };
}

export type AssetSort = 'createdAt' | 'bytes';

/** One page of a user's assets, newest or largest first. Relies on assets_user_created and assets_user_bytes. */
export async function listAssets(
  db: Db,
  query: {
    readonly userId: string;
    readonly limit: number;
    readonly after: PageCursor | null;
    readonly kind: 'image' | 'video' | null;
    readonly sort: AssetSort;
  },
): Promise<Page<AssetRow>> {
  const isBySize = query.sort === 'bytes';
  let select = db
    .selectFrom('assets')
    .select(columns)
    .select(exactTime('created_at').as('exactCreatedAt'))
    .where('user_id', '=', query.userId)
    .orderBy(isBySize ? 'bytes' : 'created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.kind !== null) select = select.where('mime_type', 'like', `${query.kind}/%`);
  if (query.after !== null) {
    const { value, id } = query.after;
    select = select.where(
      isBySize
        ? sql<boolean>`(bytes, id) < (${value}::bigint, ${id}::uuid)`
        : sql<boolean>`(created_at, id) < (${value}::timestamptz, ${id}::uuid)`,
    );
  }
  return pageOfRows(
    await select.execute(),
    query.limit,
    ({ exactCreatedAt: _exact, ...row }) => assetOf(row),
    (row) => ({ value: isBySize ? row.bytes : row.exactCreatedAt, id: row.id }),
  );
}
