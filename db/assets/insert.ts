import type { StorageQuota } from '../../core/limits.ts';
import type { Db } from '../client.ts';
import { queryableOf } from '../queryable.ts';
import { findSameAsset } from './find.ts';
import { holdLists } from './lists.ts';
import { isRoom, lockUser } from './room.ts';
import { assetOf, columns, type AssetRow } from './rows.ts';

/** A file whose content is stored already. */
export interface NewAsset extends Omit<AssetRow, 'createdAt'> {
  /** Who uploads it. Default null: the owner, or a run. */
  readonly uploadedBy?: string | null | undefined;
  /** A list of this run, or of one of its parts: it stays as long as a run that holds it. */
  readonly heldBy?: string | undefined;
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
    // What is being deleted as nobody's counts as gone.
    if (existing !== null && (await isHeld(transaction, asset, existing.id))) return existing;
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
    await isHeld(transaction, asset, row.id);
    return assetOf(row);
  });
}

/** Lets the run hold it, where it is a list of one. False: it is gone. */
async function isHeld(transaction: Db, { userId, heldBy }: NewAsset, id: string): Promise<boolean> {
  return heldBy === undefined || (await holdLists(queryableOf(transaction), { userId, runId: heldBy }, [id])) === 1;
}
