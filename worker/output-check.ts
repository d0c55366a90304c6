import type { AssetService } from '../assets/asset-service.ts';
import type { AssetStore } from '../assets/asset-store.ts';
import { contentKey } from '../assets/blob-key.ts';
import { AppError } from '../core/errors/app-error.ts';
import { assetsIn, type NodeOutputs } from '../core/node-type/values.ts';

/** Whether earlier outputs can be used: those whose files are gone cannot, and the node is executed again. */
export function createOutputCheck(files: {
  readonly assets: AssetService;
  readonly store: AssetStore;
}): (userId: string, outputs: NodeOutputs) => Promise<boolean> {
  return async (userId, outputs) => {
    for (const assetId of Object.values(outputs).flatMap(assetsIn)) {
      if (!(await hasFile(files, userId, assetId))) return false;
    }
    return true;
  };
}

async function hasFile(
  { assets, store }: { readonly assets: AssetService; readonly store: AssetStore },
  userId: string,
  assetId: string,
): Promise<boolean> {
  try {
    const { sha256 } = await assets.find({ workspaceId: userId }, assetId);
    return (await store.stat(contentKey(sha256))) !== null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'ASSET_NOT_FOUND') return false;
    throw error;
  }
}
