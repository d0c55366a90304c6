import { sql } from 'kysely';
import type { StorageQuota } from '../../core/limits.ts';
import type { Db } from '../client.ts';

/** Room for a file under way. The content is null until it is known. */
export interface AssetRoom {
  readonly id: string;
  readonly userId: string;
  readonly bytes: number;
  readonly sha256: string | null;
}

/** Longer than any upload or download may take; what a crashed process reserved is free again after that. */
const roomLastsMs = 3_600_000;

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
export async function deleteExpiredAssetRoom(db: Db): Promise<void> {
  await db
    .deleteFrom('asset_reservations')
    .where('expires_at', '<', sql<Date>`clock_timestamp()`)
    .execute();
}
