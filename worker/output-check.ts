import type { AssetService } from '../assets/asset-service.ts';
import type { AssetStore } from '../assets/asset-store.ts';
import { contentKey } from '../assets/blob-key.ts';
import type { StoredLists } from '../assets/stored-lists.ts';
import { AppError } from '../core/errors/app-error.ts';
import { assetsIn, isStoredList, type NodeOutputs, type OutputValue } from '../core/node-type/values.ts';

interface CheckedFiles {
  readonly assets: AssetService;
  readonly store: AssetStore;
  readonly lists: Pick<StoredLists, 'isWhole'>;
}

/** Whether earlier outputs can be used: those whose files are gone cannot, and the node is executed again. */
export function createOutputCheck(files: CheckedFiles): (userId: string, outputs: NodeOutputs) => Promise<boolean> {
  return async (userId, outputs) => {
    for (const value of Object.values(outputs)) {
      if (!(await isThere(files, userId, value))) return false;
    }
    return true;
  };
}

async function isThere(files: CheckedFiles, userId: string, value: OutputValue): Promise<boolean> {
  for (const assetId of assetsIn(value)) if (!(await hasFile(files, userId, assetId))) return false;
  for (const list of [value].flat().filter(isStoredList)) {
    if (!(await files.lists.isWhole(userId, list))) return false;
  }
  return true;
}

async function hasFile({ assets, store }: CheckedFiles, userId: string, assetId: string): Promise<boolean> {
  try {
    const { sha256 } = await assets.find({ workspaceId: userId }, assetId);
    return (await store.stat(contentKey(sha256))) !== null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'ASSET_NOT_FOUND') return false;
    throw error;
  }
}
