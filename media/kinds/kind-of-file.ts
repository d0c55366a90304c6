import type { MediaWorkshop } from '../operation.ts';

/** What there is to know about a file beyond its type and size; null where it does not apply. */
export interface FileFacts {
  /** Of the upright image. */
  readonly width: number | null;
  readonly height: number | null;
  readonly durationMs: number | null;
  /** Of an audio file. */
  readonly channels: number | null;
  /** Samples a second of one channel of an audio file. */
  readonly sampleRate: number | null;
}

/** Of files that nothing more is known of. */
export const noFacts: FileFacts = { width: null, height: null, durationMs: null, channels: null, sampleRate: null };

/** What is done with the files of one data type before any node works on them. */
export interface KindOfFile {
  /** Probes a file of this type and holds it against the limits; a foreign one is looked at to its end. */
  describe(
    request: { readonly file: string; readonly isForeign: boolean; readonly signal: AbortSignal },
    workshop: MediaWorkshop,
  ): Promise<FileFacts>;
  /** Writes a WebP of at most `width` pixels; null where such files have no image. */
  readonly writeThumbnail:
    | ((
        request: {
          readonly input: string;
          readonly output: string;
          readonly width: number;
          readonly signal: AbortSignal;
        },
        workshop: MediaWorkshop,
      ) => Promise<void>)
    | null;
}
