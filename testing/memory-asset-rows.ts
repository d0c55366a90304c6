import type { AssetRow, AssetRows } from '../assets/asset-rows.ts';

/** The rows of assets in memory, for tests that are not about the database. */
export interface MemoryAssetRows extends AssetRows {
  readonly all: readonly AssetRow[];
}

export function createMemoryAssetRows(): MemoryAssetRows {
  const all: AssetRow[] = [];
  return {
    all,
    async find(userId, assetId) {
      return all.find((row) => row.id === assetId && row.userId === userId) ?? null;
    },
    async insert(asset, quota) {
      const own = all.filter((row) => row.userId === asset.userId);
      const existing = own.find((row) => row.sha256 === asset.sha256 && row.name === asset.name);
      if (existing !== undefined) return existing;
      const bytes = own.reduce((sum, row) => sum + row.bytes, asset.bytes);
      if (bytes > quota.maxBytes || own.length + 1 > quota.maxFiles) return null;
      const row = { ...asset, createdAt: new Date() };
      all.push(row);
      return row;
    },
    async findReferenced(sha256s) {
      return new Set(all.map((row) => row.sha256).filter((sha256) => sha256s.includes(sha256)));
    },
  };
}
