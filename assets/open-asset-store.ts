import { fileURLToPath } from 'node:url';
import type { AssetStore } from './asset-store.ts';
import { createLocalDiskStore } from './local-disk-store.ts';
import { parseS3Url } from './s3-location.ts';

interface AssetStorePlace {
  /** A `file:` or `s3:` URL. */
  readonly assetsUrl: string;
  /** For S3; null: the role that the machine has. */
  readonly assetsCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

/** Opens the store at a URL: a folder or a bucket. The S3 client is loaded where it is used only. */
export async function openAssetStore({ assetsUrl, assetsCredentials }: AssetStorePlace): Promise<AssetStore> {
  if (assetsUrl.startsWith('file:')) return createLocalDiskStore({ root: fileURLToPath(assetsUrl), now: Date.now });
  const location = parseS3Url(assetsUrl);
  const { createS3Store } = await import('./s3-store.ts');
  return createS3Store({ location, credentials: assetsCredentials, now: Date.now });
}
