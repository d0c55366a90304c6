import type { AssetStore } from './asset-store.ts';
import { contentKey, derivedPrefixOf } from './blob-key.ts';

/** Removes a content and everything that was made from it: what was made first, so that a crash in between leaves the content to the sweeper. */
export async function deleteBlobs(store: AssetStore, sha256: string): Promise<void> {
  for await (const { key } of store.list(derivedPrefixOf(sha256))) await store.delete(key);
  await store.delete(contentKey(sha256));
}
