import { join } from 'node:path';
import { TerminalError } from '../core/errors/app-error.ts';
import type { Media } from '../media/media.ts';
import type { AssetRow } from './asset-rows.ts';
import type { AssetContent, AssetStore } from './asset-store.ts';
import { derivedKey } from './blob-key.ts';
import type { WorkDirs } from './work-dirs.ts';

export interface ThumbnailDependencies {
  readonly store: AssetStore;
  readonly media: Media;
  readonly workDirs: WorkDirs;
  readonly localFile: (asset: AssetRow, folder: string) => Promise<string>;
}

/** In pixels: a node on the canvas, the same on a fine screen, a preview, a large preview. */
const widths = [160, 320, 640, 1_280];

/** Counts what previews look like: kept ones of an earlier way are made anew. */
const look = 2;

/** Previews as derived blobs: made when first asked for, kept in the store, made again when lost. */
export function createThumbnails({ store, media, workDirs, localFile }: ThumbnailDependencies) {
  const making = new Map<string, Promise<void>>();

  async function make(asset: AssetRow, key: string, width: number, signal: AbortSignal): Promise<void> {
    const workDir = workDirs.open();
    try {
      const output = join(workDir.path, 'thumbnail.webp');
      const input = await localFile(asset, workDir.path);
      const kind = asset.mimeType.startsWith('video/') ? 'video' : 'image';
      await media.writeThumbnail({ input, kind, output, width, signal });
      await store.put(key, output);
    } finally {
      await workDir.dispose();
    }
  }

  /** Requests for the same picture at the same time wait for one piece of work. */
  async function makeOnce(asset: AssetRow, key: string, width: number, signal: AbortSignal): Promise<void> {
    const running = making.get(key);
    if (running !== undefined) {
      // Whoever started it may have gone away; then it is made here.
      const isDone = await running.then(
        () => true,
        () => false,
      );
      if (isDone) return;
    }
    signal.throwIfAborted();
    const work = make(asset, key, width, signal).finally(() => making.delete(key));
    making.set(key, work);
    await work;
  }

  return {
    async get(asset: AssetRow, { width, signal }: { width: number; signal: AbortSignal }): Promise<AssetContent> {
      const size = widths.find((candidate) => candidate >= width) ?? Math.max(...widths);
      const key = derivedKey(asset.sha256, `w${size}-${look}.webp`);
      if ((await store.stat(key)) === null) await makeOnce(asset, key, size, signal);
      const found = await store.stat(key);
      if (found === null) throw missing(asset);
      return {
        mimeType: 'image/webp',
        bytes: found.bytes,
        etag: `${asset.sha256}-w${size}-${look}`,
        async open(range) {
          const stream = await store.open(key, range);
          if (stream === null) throw missing(asset);
          return stream;
        },
      };
    },
  };
}

function missing(asset: AssetRow): TerminalError {
  return new TerminalError('ASSET_NOT_FOUND', `The preview of asset ${asset.id} was removed. Ask for it again.`);
}
