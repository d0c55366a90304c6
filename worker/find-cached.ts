import type pg from 'pg';
import type { AssetService } from '../assets/asset-service.ts';
import type { AssetStore } from '../assets/asset-store.ts';
import { contentKey } from '../assets/blob-key.ts';
import { AppError } from '../core/errors/app-error.ts';
import { assetsIn, type NodeOutputs } from '../core/node-type/values.ts';
import { findCachedOutput } from '../db/queries/output-cache.ts';

/**
 * Looks up earlier outputs. One whose files are gone does not count: the node
 * is executed again.
 */
export function createFindCached(
  pool: pg.Pool,
  files: { readonly assets: AssetService; readonly store: AssetStore },
): (userId: string, key: string) => Promise<NodeOutputs | null> {
  return async (userId, key) => {
    const outputs = await findCachedOutput(pool, userId, key);
    if (outputs === null) return null;
    for (const assetId of Object.values(outputs).flatMap(assetsIn)) {
      if (!(await hasFile(files, userId, assetId))) return null;
    }
    return outputs;
  };
}

async function hasFile(
  { assets, store }: { readonly assets: AssetService; readonly store: AssetStore },
  userId: string,
  assetId: string,
): Promise<boolean> {
  try {
    const { sha256 } = await assets.find(userId, assetId);
    return (await store.stat(contentKey(sha256))) !== null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'ASSET_NOT_FOUND') return false;
    throw error;
  }
}
