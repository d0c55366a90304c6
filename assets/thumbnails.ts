import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { LRUCache } from 'lru-cache';
import { TerminalError } from '../core/errors/app-error.ts';
import type { StorageQuota } from '../core/limits.ts';
import type { Media } from '../media/media.ts';
import type { AssetRow, AssetRows } from './asset-rows.ts';
import type { AssetContent, AssetStore, ByteRange } from './asset-store.ts';
import { derivedKey } from './blob-key.ts';
import { saveStream } from './save-stream.ts';
import type { WorkDirs } from './work-dirs.ts';

export interface ThumbnailDependencies {
  readonly store: AssetStore;
  readonly rows: Pick<AssetRows, 'chargeDerived'>;
  readonly quota: StorageQuota;
  readonly media: Media;
  readonly workDirs: WorkDirs;
  readonly localFile: (asset: AssetRow, folder: string) => Promise<string>;
}

/** In pixels: a node on the canvas, the same on a fine screen, a preview, a large preview. */
const widths = [160, 320, 640, 1_280];

const previewType = 'image/webp';

/** Counts what previews look like: kept ones of an earlier way are made anew. */
const look = 2;

/** The largest: the others are made from it, so that a large picture is decoded once for all of them. */
const baseWidth = Math.max(...widths);

/** Pixels from which on a preview is made from the largest one; below, a picture is decoded as soon as a preview. */
const minPixelsForBase = 4_000_000;

/** Of previews that the quota has no room for. */
const memoryBytes = 16 * 1_048_576;

/** Pictures of which no preview could be made are not tried again for this long: what failed costs the most. */
const failedForMs = 10 * 60_000;
const rememberedFailures = 2_000;

/**
 * Previews as derived blobs: made when first asked for, kept in the store,
 * made again when lost. Where the user's quota has no room they are kept in memory for a while.
 */
export function createThumbnails({ store, rows, quota, media, workDirs, localFile }: ThumbnailDependencies) {
  const making = new Map<string, Promise<void>>();
  const unkept = new LRUCache<string, Buffer>({ maxSize: memoryBytes, sizeCalculation: (bytes) => bytes.byteLength });
  const failed = new LRUCache<string, TerminalError>({ max: rememberedFailures, ttl: failedForMs });

  const keyOf = (asset: AssetRow, width: number) => derivedKey(asset.sha256, `w${width}-${look}.webp`);

  async function make(asset: AssetRow, width: number, signal: AbortSignal): Promise<void> {
    const key = keyOf(asset, width);
    const workDir = workDirs.open();
    try {
      const output = join(workDir.path, 'thumbnail.webp');
      const input = await sourceOf(asset, width, { folder: workDir.path, signal });
      await media.writeThumbnail({ ...input, output, width, signal, owner: asset.userId });
      const { size: bytes } = await stat(output);
      const { userId, sha256 } = asset;
      if (await rows.chargeDerived({ userId, sha256, bytes }, quota)) await store.put(key, output);
      else unkept.set(key, await readFile(output));
    } catch (error) {
      // A content that is missing now may be uploaded again.
      if (error instanceof TerminalError && error.code !== 'ASSET_NOT_FOUND') failed.set(key, error);
      throw error;
    } finally {
      await workDir.dispose();
    }
  }

  /** What a preview is made from: the asset itself, or its largest preview where that saves work. */
  async function sourceOf(
    asset: AssetRow,
    width: number,
    { folder, signal }: { folder: string; signal: AbortSignal },
  ): Promise<{ input: string; mimeType: string }> {
    // What lasts has to be searched for its picture.
    const isLarge = asset.durationMs !== null || (asset.width ?? 0) * (asset.height ?? 0) > minPixelsForBase;
    if (isLarge && width < baseWidth) {
      const base = await get(asset, baseWidth, signal);
      const input = join(folder, 'base.webp');
      await saveStream(await base.open(), { file: input, maxBytes: base.bytes, signal });
      return { input, mimeType: previewType };
    }
    return { input: await localFile(asset, folder), mimeType: asset.mimeType };
  }

  /** Requests for the same picture at the same time wait for one piece of work. */
  async function makeOnce(asset: AssetRow, width: number, signal: AbortSignal): Promise<void> {
    const key = keyOf(asset, width);
    const known = failed.get(key);
    if (known !== undefined) throw known;
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
    const work = make(asset, width, signal).finally(() => making.delete(key));
    making.set(key, work);
    await work;
  }

  async function get(asset: AssetRow, width: number, signal: AbortSignal): Promise<AssetContent> {
    const key = keyOf(asset, width);
    const about = { mimeType: previewType, etag: `${asset.sha256}-w${width}-${look}` };
    if ((await store.stat(key)) === null && !unkept.has(key)) await makeOnce(asset, width, signal);
    const bytes = unkept.get(key);
    if (bytes !== undefined) {
      const open = async (range?: ByteRange) =>
        Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)]);
      return { ...about, bytes: bytes.byteLength, open };
    }
    const found = await store.stat(key);
    if (found === null) throw missing(asset);
    return {
      ...about,
      bytes: found.bytes,
      async open(range) {
        const stream = await store.open(key, range);
        if (stream === null) throw missing(asset);
        return stream;
      },
    };
  }

  return {
    get: (asset: AssetRow, { width, signal }: { width: number; signal: AbortSignal }) =>
      get(asset, widths.find((candidate) => candidate >= width) ?? baseWidth, signal),
  };
}

function missing(asset: AssetRow): TerminalError {
  return new TerminalError('ASSET_NOT_FOUND', `The preview of asset ${asset.id} was removed. Ask for it again.`);
}
