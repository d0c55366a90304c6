import { Readable } from 'node:stream';
import { assetUrl } from '../core/api/assets.ts';
import type { AttemptAssets } from '../core/node-type/executor.ts';
import type { AssetReference } from '../core/node-type/values.ts';
import type { AssetRow } from './asset-rows.ts';
import type { AssetService } from './asset-service.ts';
import type { WorkDirs } from './work-dirs.ts';

/** The files of one attempt; `dispose` removes what it left behind. */
export interface DisposableAttemptAssets extends AttemptAssets {
  dispose(): Promise<void>;
}

interface AttemptAssetsOptions {
  readonly service: AssetService;
  readonly workDirs: WorkDirs;
  /** Owner of the run: only this user's assets can be seen. */
  readonly userId: string;
}

/** Opens the files of one attempt. Costs nothing until the attempt touches a file. */
export function createAttemptAssets({ service, workDirs, userId }: AttemptAssetsOptions): DisposableAttemptAssets {
  const workDir = workDirs.open();
  // Products of ours are only sniffed and probed, which the media limits bound.
  const { signal } = new AbortController();
  return {
    get workDir() {
      return workDir.path;
    },
    find: async (assetId) => toReference(await service.find({ workspaceId: userId }, assetId)),
    async localFile(asset) {
      // By the row and not by what the reference says: a reference is data that came along an edge.
      const row = await service.find({ workspaceId: userId }, asset.assetId);
      return service.localFile(row, workDir.path);
    },
    save: async (file, { name, kind }) =>
      toReference(await service.ingest({ file }, { userId, name, kind, isForeign: false, signal })),
    take: async (source, { name, kind, signal: stop }) =>
      toReference(
        await service.ingest(Readable.from(source, { objectMode: false }), {
          userId,
          name,
          signal: stop,
          ...(kind !== undefined && { kind }),
        }),
      ),
    resolve: async (source, options) => toReference(await service.resolve(source, { userId, ...options })),
    dispose: () => workDir.dispose(),
  };
}

/** An asset as values on edges carry it. */
export function toReference(row: AssetRow): AssetReference {
  return {
    assetId: row.id,
    url: assetUrl(row.id),
    mimeType: row.mimeType,
    bytes: row.bytes,
    sha256: row.sha256,
    ...(row.width !== null && { width: row.width }),
    ...(row.height !== null && { height: row.height }),
    ...(row.durationMs !== null && { durationMs: row.durationMs }),
    ...(row.channels !== null && { channels: row.channels }),
    ...(row.sampleRate !== null && { sampleRate: row.sampleRate }),
  };
}
