import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAssetService, type AssetService, type AssetServiceDependencies } from '../assets/asset-service.ts';
import type { AssetRow } from '../assets/asset-rows.ts';
import type { AssetStore } from '../assets/asset-store.ts';
import { createDiskRoom } from '../assets/disk-room.ts';
import { createLocalDiskStore } from '../assets/local-disk-store.ts';
import { createWorkDirs, type WorkDirs } from '../assets/work-dirs.ts';
import { createMedia, type Media } from '../media/media.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { createAddressRules } from '../net/address-rules.ts';
import { createGuardedFetcher } from '../net/guarded-fetch.ts';
import { anyBuild } from './frame-taker.ts';
import { createMemoryAssetRows, type MemoryAssetRows } from './memory-asset-rows.ts';

export const userId = 'user-1';
export const signal: AbortSignal = new AbortController().signal;

/** An asset service on a folder of its own, and what it is made of; new for each test, but for `media` and `origin`. */
export interface AssetServiceParts {
  readonly folder: string;
  readonly media: Media;
  readonly rows: MemoryAssetRows;
  readonly store: AssetStore;
  readonly workDirs: WorkDirs;
  readonly service: AssetService;
  /** A web server that nodes may fetch from; `serve` says how it answers. */
  readonly origin: string;
  serve(handler: RequestListener): void;
  /** Another service over the same parts. */
  createService(quota?: AssetServiceDependencies['quota'], other?: Partial<AssetServiceDependencies>): AssetService;
  ingestFile(file: string, name?: string, from?: AssetService): Promise<AssetRow>;
  /** Working folders that are still there. */
  workLeft(): Promise<string[]>;
}

/** Sets the parts up around the tests of a file. */
export function createAssetServiceParts(): AssetServiceParts {
  let server: Server;
  let handle: RequestListener;
  const made = {} as { -readonly [Part in keyof AssetServiceParts]: AssetServiceParts[Part] };

  beforeAll(async () => {
    made.media = createMedia({ binaries: createBinaries(anyBuild), imagePool: { size: 1 } });
    server = createServer((request, response) => handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    made.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(async () => {
    if (made.folder) await rm(made.folder, { recursive: true });
    made.folder = await mkdtemp(join(tmpdir(), 'heddle-assets-'));
    const { folder } = made;
    made.store = createLocalDiskStore({ root: join(folder, 'store'), now: Date.now });
    made.workDirs = createWorkDirs({ root: join(folder, 'work'), hostname: 'test', pid: process.pid, now: Date.now });
    await made.store.start();
    await made.workDirs.start();
    made.rows = createMemoryAssetRows();
    made.service = made.createService();
  });
  afterAll(async () => {
    await made.media.stop();
    await new Promise((resolve) => server.close(resolve));
    await rm(made.folder, { recursive: true });
  });

  made.serve = (handler) => {
    handle = handler;
  };
  made.createService = (quota, other) => {
    const { store, rows, media, workDirs, folder, origin } = made;
    const rules = createAddressRules({ allow: [new URL(origin).host] });
    return createAssetService({
      store,
      rows,
      media,
      workDirs,
      fetcher: createGuardedFetcher({ rules, resolve: async () => [] }),
      createId: () => randomUUID(),
      quota,
      disk: createDiskRoom({ folders: [folder] }),
      onLeftBlob: (error) => {
        throw error;
      },
      ...other,
    });
  };
  made.ingestFile = (file, name = 'file', from = made.service) =>
    from.ingest(createReadStream(file), { userId, name, signal });
  made.workLeft = () => readdir(join(made.folder, 'work'));
  return made;
}
