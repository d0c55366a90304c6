import { fileURLToPath } from 'node:url';
import type { AssetStore } from '../assets/asset-store.ts';
import { createLocalDiskStore } from '../assets/local-disk-store.ts';
import { parseS3Url } from '../assets/s3-location.ts';
import type { InstallationConfig } from '../config/installation.ts';

/** Opens the store that ASSETS_URL names: a folder or a bucket. The S3 client is loaded where it is used only. */
export async function openAssetStore({
  assetsUrl,
  assetsCredentials,
}: Pick<InstallationConfig, 'assetsUrl' | 'assetsCredentials'>): Promise<AssetStore> {
  if (assetsUrl.startsWith('file:')) return createLocalDiskStore({ root: fileURLToPath(assetsUrl), now: Date.now });
  const location = parseS3Url(assetsUrl);
  const { createS3Store } = await import('../assets/s3-store.ts');
  return createS3Store({ location, credentials: assetsCredentials, now: Date.now });
}
