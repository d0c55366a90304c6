import { join } from 'node:path';
import type { Media } from '../media/media.ts';
import type { AssetRow } from './asset-rows.ts';
import type { AssetContent } from './asset-store.ts';
import type { Derived } from './derived.ts';
import { saveStream } from './save-stream.ts';

interface ThumbnailDependencies {
  readonly derived: Derived;
  readonly media: Media;
  readonly localFile: (asset: AssetRow, folder: string) => Promise<string>;
}

/** In pixels: a node on the canvas, the same on a fine screen, a preview, a large preview. */
const widths = [160, 320, 640, 1_280];

const previewType = 'image/webp';

/** Counts what previews look like: kept ones of an earlier way are made anew. */
const look = 2;

/** The largest: the others are made from it, so that a large image is decoded once for all of them. */
const baseWidth = Math.max(...widths);

/** Pixels from which on a preview is made from the largest one; below, an image is decoded as soon as a preview. */
const minPixelsForBase = 4_000_000;

/** Previews of images and videos. */
export function createThumbnails({ derived, media, localFile }: ThumbnailDependencies) {
  /** What a preview is made from: the asset itself, or its largest preview where that saves work. */
  async function sourceOf(
    asset: AssetRow,
    width: number,
    { folder, signal }: { folder: string; signal: AbortSignal },
  ): Promise<{ input: string; mimeType: string }> {
    // What lasts has to be searched for its frame.
    const isLarge = asset.durationMs !== null || (asset.width ?? 0) * (asset.height ?? 0) > minPixelsForBase;
    if (isLarge && width < baseWidth) {
      const base = await get(asset, baseWidth, signal);
      const input = join(folder, 'base.webp');
      await saveStream(await base.open(), { file: input, maxBytes: base.bytes, signal });
      return { input, mimeType: previewType };
    }
    return { input: await localFile(asset, folder), mimeType: asset.mimeType };
  }

  async function get(asset: AssetRow, width: number, signal: AbortSignal): Promise<AssetContent> {
    const thing = {
      variant: `w${width}-${look}.webp`,
      mimeType: previewType,
      etag: `${asset.sha256}-w${width}-${look}`,
      async make({ output, folder }: { output: string; folder: string }) {
        const input = await sourceOf(asset, width, { folder, signal });
        await media.writeThumbnail({ ...input, output, width, signal, owner: asset.userId });
      },
    };
    return derived.get(asset, thing, signal);
  }

  return {
    get: (asset: AssetRow, { width, signal }: { width: number; signal: AbortSignal }) =>
      get(asset, widths.find((candidate) => candidate >= width) ?? baseWidth, signal),
  };
}
