import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { createAssetService, type AssetService } from '../assets/asset-service.ts';
import type { AssetStore } from '../assets/asset-store.ts';
import { createDiskRoom } from '../assets/disk-room.ts';
import { openAssetStore } from '../assets/open-asset-store.ts';
import { createStoredLists, type StoredLists } from '../assets/stored-lists.ts';
import { createWorkDirs, type WorkDirs } from '../assets/work-dirs.ts';
import type { InstallationConfig } from '../config/installation.ts';
import type { Logger } from '../core/node-type/executor.ts';
import type { MediaTools } from '../core/node-type/media-tools.ts';
import type { Db } from '../db/client.ts';
import { createAssetRows } from '../db/assets/asset-rows.ts';
import { createMedia, type Media } from '../media/media.ts';
import { fitImage } from '../media/operations/fit-image.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { createAddressRules, type AddressRules } from '../net/address-rules.ts';
import { createGuardedFetcher, userAgentOf } from '../net/guarded-fetch.ts';
import { createWebRequester, type WebRequester } from '../net/web-requester.ts';
import { systemResolver, type Resolver } from '../net/resolve-host.ts';
import { createProviders } from '../providers/create-providers.ts';
import type { ModelProvider } from '../providers/provider.ts';
import { createModelRegistry, type ModelRegistry } from '../providers/registry.ts';

/** What a server or worker does with files, models and addresses. */
export interface OpenedMedia {
  readonly assets: AssetService;
  readonly store: AssetStore;
  /** Lists that are too large for a row. */
  readonly lists: StoredLists;
  readonly workDirs: WorkDirs;
  readonly media: Media;
  readonly models: ModelRegistry;
  /** The installation's providers, and models over these or others, for the work of one user. */
  readonly providers: readonly ModelProvider[];
  readonly modelsOver: (providers: readonly ModelProvider[], userId: string) => ModelRegistry;
  /** What may be reached, and how names are looked up. */
  readonly network: { readonly rules: AddressRules; readonly resolve: Resolver };
  readonly requester: WebRequester;
  stop(): Promise<void>;
}

/** Opens what a server or a worker needs to take files in, work on them and call models. */
export async function openMedia(
  config: Pick<
    InstallationConfig,
    | 'assetsUrl'
    | 'assetsCredentials'
    | 'dataDir'
    | 'fetchAllow'
    | 'fetchContact'
    | 'binaries'
    | 'limits'
    | 'providers'
    | 'modelPrices'
  >,
  {
    db,
    newId,
    version,
    logger,
  }: { readonly db: Db; readonly newId: () => string; readonly version: string; readonly logger: Logger },
): Promise<OpenedMedia> {
  const store = await openAssetStore(config);
  await store.start();
  const workRoot = path.join(config.dataDir, 'work');
  const workDirs = createWorkDirs({
    root: workRoot,
    hostname: hostname(),
    pid: process.pid,
    now: Date.now,
  });
  await workDirs.start();
  const media = createMedia({ binaries: createBinaries(config.binaries), limits: config.limits.media });
  const network = { rules: createAddressRules({ allow: config.fetchAllow }), resolve: systemResolver };
  const reaching = {
    ...network,
    limits: config.limits.fetch,
    userAgent: userAgentOf(version, config.fetchContact),
  };
  const fetcher = createGuardedFetcher(reaching);
  const rows = createAssetRows(db);
  const assets = createAssetService({
    store,
    rows,
    media,
    fetcher,
    workDirs,
    createId: newId,
    quota: config.limits.storage,
    disk: createDiskRoom({ folders: [workRoot] }),
    onLeftBlob: (error) => logger.warn({ err: error }, 'a file was not removed at once; the sweeper will'),
  });
  const providers = createProviders({ ...config.providers, waits: config.limits.models, now: Date.now });
  const modelsWith = (tools: MediaTools, over: readonly ModelProvider[]) =>
    createModelRegistry({
      providers: over,
      fitImage: (request) => tools.run(fitImage, request),
      prices: config.modelPrices,
      tempDir: tmpdir(),
      now: Date.now,
    });
  const models = modelsWith(media, providers);
  return {
    assets,
    lists: createStoredLists({ assets, rows, store, workDirs }),
    store,
    workDirs,
    media,
    models,
    providers,
    modelsOver: (over, userId) => modelsWith(media.of(userId), over),
    network,
    requester: createWebRequester(reaching),
    stop: async () => {
      await models.stop();
      await media.stop();
      await store.stop();
    },
  };
}
