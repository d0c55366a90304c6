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

interface PreviewWork {
  readonly signal: AbortSignal;
  /** In whose turns it is made. Default: the asset's owner. */
  readonly turnOf?: string | undefined;
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
    { folder, ...work }: PreviewWork & { folder: string },
  ): Promise<{ input: string; mimeType: string }> {
    // What lasts has to be searched for its frame.
    const isLarge = asset.durationMs !== null || (asset.width ?? 0) * (asset.height ?? 0) > minPixelsForBase;
    if (isLarge && width < baseWidth) {
      const base = await get(asset, baseWidth, work);
      const input = join(folder, 'base.webp');
      await saveStream(await base.open(), { file: input, maxBytes: base.bytes, signal: work.signal });
      return { input, mimeType: previewType };
    }
    return { input: await localFile(asset, folder), mimeType: asset.mimeType };
  }

  async function get(asset: AssetRow, width: number, work: PreviewWork): Promise<AssetContent> {
    const { signal, turnOf = asset.userId } = work;
    const thing = {
      variant: `w${width}-${look}.webp`,
      mimeType: previewType,
      etag: `${asset.sha256}-w${width}-${look}`,
      async make({ output, folder }: { output: string; folder: string }) {
        const input = await sourceOf(asset, width, { folder, ...work });
        await media.writeThumbnail({ ...input, output, width, signal, owner: turnOf });
      },
    };
    return derived.get(asset, thing, signal);
  }

  return {
    get: (asset: AssetRow, { width, ...work }: PreviewWork & { width: number }) =>
      get(asset, widths.find((candidate) => candidate >= width) ?? baseWidth, work),
  };
}
