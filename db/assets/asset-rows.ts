import { createFairPool } from '../../core/fair-pool.ts';
import type { StorageQuota } from '../../core/limits.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { queryableOf } from '../queryable.ts';
import { chargeDerived } from './charge-derived.ts';
import { deleteContent } from './delete-content.ts';
import { deleteAssets } from './delete.ts';
import { listReferencedContents } from './list-referenced.ts';
import { findAsset, findSameAsset, hasAssetOfSize, listAssetsById } from './find.ts';
import { insertAssetWithin, type NewAsset } from './insert.ts';
import { releaseAssetRoom, reserveAssetRoom, type AssetRoom } from './reserve.ts';
import { holdLists, type ListHolder } from './lists.ts';
import type { AssetRow } from './rows.ts';

/** A user's questions for room wait for each other anyway: here they do so without a connection each. */
const roomPlaces = { places: 4, maxPerOwner: 1, maxWaitingPerOwner: 10_000 };

/** The rows of assets as the asset service asks for them. */
export function createAssetRows(db: Db) {
  const turns = createFairPool({ ...roomPlaces, busy: () => new Error('too many questions for room') });
  const { signal } = new AbortController();
  const queryable = queryableOf(db);
  const inTurn = <Result>(owner: string, work: () => Promise<Result>) => turns.run({ owner, signal }, work);
  return {
    find: (scope: InWorkspace, assetId: string) => findAsset(db, scope, assetId),
    findAll: async (scope: InWorkspace, ids: readonly string[]) =>
      new Set((await listAssetsById(db, scope, ids)).keys()),
    findSame: (asset: Pick<AssetRow, 'userId' | 'sha256' | 'name'>) => findSameAsset(db, asset),
    hasOfSize: (scope: InWorkspace, size: { readonly least: number; readonly most: number }) =>
      hasAssetOfSize(db, scope, size),
    reserve: (room: AssetRoom & { readonly ahead?: number }, quota: StorageQuota) =>
      inTurn(room.userId, () => reserveAssetRoom(db, room, quota)),
    release: (roomId: string) => releaseAssetRoom(db, roomId),
    insert: (asset: NewAsset, quota: StorageQuota, roomId?: string) =>
      inTurn(asset.userId, () => insertAssetWithin(db, asset, quota, roomId)),
    holdLists: (of: ListHolder, ids: readonly string[]) => holdLists(queryable, of, ids),
    chargeDerived: (derived: { userId: string; sha256: string; bytes: number }, quota: StorageQuota) =>
      inTurn(derived.userId, () => chargeDerived(db, derived, quota)),
    delete: (scope: InWorkspace, ids: readonly string[]) => deleteAssets(db, scope, ids),
    dropContent: (sha256: string, remove: () => Promise<void>) => deleteContent(db, sha256, remove),
    findReferenced: (sha256s: readonly string[]) => listReferencedContents(db, sha256s),
  };
}
