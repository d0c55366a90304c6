import type { StorageQuota } from '../../core/limits.ts';
import type { Db } from '../client.ts';
import { findSameAsset } from './find.ts';
import { isRoom, lockUser } from './room.ts';
import { assetOf, columns, type AssetRow } from './rows.ts';

/** A file whose content is stored already. */
export interface NewAsset extends Omit<AssetRow, 'createdAt'> {
  /** Who uploads it. Default null: the owner, or a run. */
  readonly uploadedBy?: string | null | undefined;
}

/**
 * Stores an asset in the room that was taken for it, which is given back, or
 * returns the one that the user has of that name and content; null where the
 * user's quota would be exceeded.
 */
export async function insertAssetWithin(
  db: Db,
  asset: NewAsset,
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
        uploaded_by: asset.uploadedBy ?? null,
        sha256: asset.sha256,
        name: asset.name,
        mime_type: asset.mimeType,
        bytes: asset.bytes,
        width: asset.width,
        height: asset.height,
        duration_ms: asset.durationMs,
        channels: asset.channels,
        sample_rate: asset.sampleRate,
      })
      .returning(columns)
      .executeTakeFirstOrThrow();
    return assetOf(row);
  });
}
