import type { AssetRoom, AssetRow, AssetRows } from '../assets/asset-rows.ts';
import type { StorageQuota } from '../core/limits.ts';

/** The rows of assets in memory, for tests that are not about the database. */
export interface MemoryAssetRows extends AssetRows {
  readonly all: readonly AssetRow[];
  /** Room of files under way. */
  readonly rooms: ReadonlyMap<string, AssetRoom>;
}

export function createMemoryAssetRows(): MemoryAssetRows {
  const all: AssetRow[] = [];
  const rooms = new Map<string, AssetRoom>();
  const derived = new Map<string, number>();

  function isRoom(userId: string, bytes: number, files: number, except: string, quota: StorageQuota): boolean {
    const kept = [
      ...all.filter((row) => row.userId === userId).map((row) => row.bytes),
      ...[...rooms.values()].filter((room) => room.userId === userId && room.id !== except).map((room) => room.bytes),
    ];
    const sum = kept.reduce((total, size) => total + size, derived.get(userId) ?? 0);
    return sum + bytes <= quota.maxBytes && kept.length + files <= quota.maxFiles;
  }

  const findSame: AssetRows['findSame'] = async ({ userId, sha256, name }) =>
    all.find((row) => row.userId === userId && row.sha256 === sha256 && row.name === name) ?? null;

  return {
    all,
    rooms,
    async find({ workspaceId }, assetId) {
      return all.find((row) => row.id === assetId && row.userId === workspaceId) ?? null;
    },
    async findAll({ workspaceId }, assetIds) {
      return new Set(
        all.filter(({ id, userId }) => userId === workspaceId && assetIds.includes(id)).map(({ id }) => id),
      );
    },
    findSame,
    async hasOfSize({ workspaceId }, { least, most }) {
      return all.some((row) => row.userId === workspaceId && row.bytes >= least && row.bytes <= most);
    },
    async reserve(room, quota) {
      const { ahead = 0, ...wanted } = room;
      for (const bytes of [wanted.bytes + ahead, wanted.bytes]) {
        if (!isRoom(room.userId, bytes, 1, room.id, quota)) continue;
        rooms.set(room.id, { ...wanted, bytes });
        return bytes;
      }
      return null;
    },
    async release(roomId) {
      rooms.delete(roomId);
    },
    async insert(asset, quota, roomId = asset.id) {
      rooms.delete(roomId);
      const existing = await findSame(asset);
      if (existing !== null) return existing;
      if (!isRoom(asset.userId, asset.bytes, 1, roomId, quota)) return null;
      const row = { ...asset, createdAt: new Date() };
      all.push(row);
      return row;
    },
    async holdLists({ userId }, assetIds) {
      return all.filter((row) => row.userId === userId && assetIds.includes(row.id)).length;
    },
    async chargeDerived({ userId, bytes }, quota) {
      if (!isRoom(userId, bytes, 0, '', quota)) return false;
      derived.set(userId, (derived.get(userId) ?? 0) + bytes);
      return true;
    },
    async delete({ workspaceId }, assetIds) {
      const gone = all.filter((row) => row.userId === workspaceId && assetIds.includes(row.id));
      for (const row of gone) all.splice(all.indexOf(row), 1);
      return gone;
    },
    async dropContent(sha256, remove) {
      const isWanted = [...all, ...rooms.values()].some((one) => one.sha256 === sha256);
      if (!isWanted) await remove();
      return !isWanted;
    },
    async findReferenced(sha256s) {
      return new Set(all.map((row) => row.sha256).filter((sha256) => sha256s.includes(sha256)));
    },
  };
}
