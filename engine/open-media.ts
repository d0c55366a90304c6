import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { createAssetService, type AssetService } from '../assets/asset-service.ts';
import type { AssetStore } from '../assets/asset-store.ts';
import { openAssetStore } from '../assets/open-asset-store.ts';
import { createWorkDirs, type WorkDirs } from '../assets/work-dirs.ts';
import type { InstallationConfig } from '../config/installation.ts';
import type { Db } from '../db/client.ts';
import { createAssetRows } from '../db/queries/assets.ts';
import { createMedia, type Media } from '../media/media.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { createAddressRules } from '../net/address-rules.ts';
import { createGuardedFetcher } from '../net/guarded-fetch.ts';
import { systemResolver } from '../net/resolve-host.ts';
import { createProviders } from '../providers/create-providers.ts';
import { createModelRegistry, type ModelRegistry } from '../providers/registry.ts';

export interface OpenedMedia {
  readonly assets: AssetService;
  readonly store: AssetStore;
  readonly workDirs: WorkDirs;
  readonly media: Media;
  readonly models: ModelRegistry;
  stop(): Promise<void>;
}

/** Opens what a server or a worker needs to take files in, work on them and call models. */
export async function openMedia(
  config: Pick<
    InstallationConfig,
    'assetsUrl' | 'assetsCredentials' | 'dataDir' | 'fetchAllow' | 'binaries' | 'providers'
  >,
  { db, newId }: { readonly db: Db; readonly newId: () => string },
): Promise<OpenedMedia> {
  const store = await openAssetStore(config);
  await store.start();
  const workDirs = createWorkDirs({
    root: path.join(config.dataDir, 'work'),
    hostname: hostname(),
    pid: process.pid,
    now: Date.now,
  });
  await workDirs.start();
  const media = createMedia({ binaries: createBinaries(config.binaries) });
  const fetcher = createGuardedFetcher({
    rules: createAddressRules({ allow: config.fetchAllow }),
    resolve: systemResolver,
  });
  const assets = createAssetService({ store, rows: createAssetRows(db), media, fetcher, workDirs, createId: newId });
  const models = createModelRegistry({
    providers: createProviders({ ...config.providers, now: Date.now }),
    media,
    tempDir: tmpdir(),
    now: Date.now,
  });
  return {
    assets,
    store,
    workDirs,
    media,
    models,
    stop: async () => {
      await models.stop();
      await media.stop();
      await store.stop();
    },
  };
}
