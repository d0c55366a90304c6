import { fileTypeOf } from '../core/data-types/files.ts';
import type { Media } from '../media/media.ts';
import { convertAudio } from '../media/operations/convert-audio.ts';
import type { AssetRow } from './asset-rows.ts';
import type { AssetContent } from './asset-store.ts';
import type { Derived } from './derived.ts';

interface PlayableDependencies {
  readonly derived: Derived;
  readonly media: Media;
  readonly localFile: (asset: AssetRow, folder: string) => Promise<string>;
  readonly content: (asset: AssetRow) => Promise<AssetContent>;
}

/** What every browser plays. */
const played = 'audio/mpeg';
/** Bits a second: no worse to the ear than what it is made from. */
const bitRate = 192_000;

/** Audio files as every browser plays them. */
export function createPlayable({ derived, media, localFile, content }: PlayableDependencies) {
  return {
    /** An audio file as MP3, made when it is first asked for; an MP3, and a file of any other kind, as it is. */
    async get(
      asset: AssetRow,
      { signal, turnOf = asset.userId }: { signal: AbortSignal; turnOf?: string | undefined },
    ) {
      if (fileTypeOf(asset.mimeType) !== 'audio' || asset.mimeType === played) return content(asset);
      const thing = {
        variant: `played-${bitRate / 1_000}.mp3`,
        mimeType: played,
        etag: `${asset.sha256}-played-${bitRate / 1_000}`,
        async make({ output, folder }: { output: string; folder: string }) {
          const input = await localFile(asset, folder);
          const wanted = { format: 'mp3', bitRate, channels: null, sampleRate: null } as const;
          await media.of(turnOf).run(convertAudio, { input, output, ...wanted, signal });
        },
      };
      return derived.get(asset, thing, signal);
    },
  };
}
