import type { PercentBox } from '../../core/node-type/executor.ts';
import type { MediaLimits } from '../../core/limits.ts';

/*
 * What passes between a worker or server and its image processes. Both ends
 * are built together, so the messages need no parsing.
 */

export type ImageLimits = Pick<MediaLimits, 'maxImagePixels' | 'maxAnimationPixels' | 'maxImageSide'>;

/** Formats that are decoded; everything else is refused by name. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

export interface ImageInfo {
  readonly format: ImageFormat;
  /** Of the upright picture. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

export type ImageTask =
  /** `decode` reads the whole picture, so that a truncated file is noticed. */
  | { readonly kind: 'probe'; readonly input: string; readonly decode: boolean }
  | { readonly kind: 'crop'; readonly input: string; readonly output: string; readonly box: PercentBox }
  | {
      readonly kind: 'fit';
      readonly input: string;
      readonly output: string;
      readonly maxSide: number;
      readonly maxBytes: number;
    }
  | { readonly kind: 'thumbnail'; readonly input: string; readonly output: string; readonly width: number };

/** What each kind of task gives back. */
export interface ImageResults {
  probe: ImageInfo;
  crop: { width: number; height: number };
  fit: { mimeType: string };
  thumbnail: { width: number; height: number };
}

export interface ImageRequest {
  readonly task: ImageTask;
  readonly limits: ImageLimits;
}

export type ImageErrorCode =
  | 'IMAGE_UNREADABLE'
  | 'IMAGE_TOO_MANY_PIXELS'
  | 'IMAGE_TOO_COSTLY'
  | 'UNSUPPORTED_MEDIA'
  | 'CROP_BOX_INVALID'
  | 'FILE_TOO_LARGE'
  | 'STORAGE_FULL';

export type ImageReply =
  | { readonly ok: true; readonly result: ImageResults[keyof ImageResults]; readonly rssBytes: number }
  | { readonly ok: false; readonly code: ImageErrorCode; readonly message: string; readonly rssBytes: number };
