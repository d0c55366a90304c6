import { fileTypeOf } from '../core/data-types/files.ts';
import { rowOf, traitsOf } from '../core/data-types/table.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import type { Media } from '../media/media.ts';
import { measurePeaks } from '../media/operations/measure-peaks.ts';
import type { AssetRow } from './asset-rows.ts';
import type { AssetContent } from './asset-store.ts';
import type { Derived } from './derived.ts';

interface PeaksDependencies {
  readonly derived: Derived;
  readonly media: Media;
  readonly localFile: (asset: AssetRow, folder: string) => Promise<string>;
}

/** Stretches of an audio file: one for each two pixels of a large drawing, 2 kB of JSON in all. */
const bars = 480;

/** How loud audio files are, for drawings of them. */
export function createPeaks({ derived, media, localFile }: PeaksDependencies) {
  return {
    /** Throws UNSUPPORTED_MEDIA for an asset that is no sound. */
    async get(asset: AssetRow, { signal }: { signal: AbortSignal }): Promise<AssetContent> {
      const { durationMs, mimeType } = asset;
      const type = fileTypeOf(mimeType);
      if (type === null || !traitsOf(type).hasPeaks || durationMs === null) {
        const noun = type === null ? `file of type ${mimeType}` : rowOf(type).noun;
        throw new TerminalError(
          'UNSUPPORTED_MEDIA',
          `The loudness of this ${noun} cannot be measured. Choose an audio file.`,
          {
            details: { found: mimeType },
          },
        );
      }
      const thing = {
        variant: `peaks-${bars}.json`,
        mimeType: 'application/json',
        etag: `${asset.sha256}-peaks-${bars}`,
        async make({ output, folder }: { output: string; folder: string }) {
          const input = await localFile(asset, folder);
          // An audio file of no length that can be told still has one sample.
          await media
            .of(asset.userId)
            .run(measurePeaks, { input, output, bars, durationMs: Math.max(1, durationMs), signal });
        },
      };
      return derived.get(asset, thing, signal);
    },
  };
}
