import type { MediaLimits } from '../../core/limits.ts';

/*
 * What passes between a worker or server and its image processes. Both ends
 * are built together, so the messages need no parsing.
 */

/** What is refused before it is decoded: pixels of a picture, of all frames together, and of a side. */
export type ImageLimits = Pick<MediaLimits, 'maxImagePixels' | 'maxAnimationPixels' | 'maxImageSide'>;

/** Formats that are decoded; everything else is refused by name. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

/** What the head of an image says. */
export interface ImageInfo {
  readonly format: ImageFormat;
  /** Of the upright image. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** One task, as it is sent to a process of the pool. */
export interface ImageRequest {
  /** Which operation: the module that exports it, and its name there. */
  readonly module: string;
  readonly name: string;
  /** Files and parameters. */
  readonly request: { readonly input: string; readonly output: string };
  readonly limits: ImageLimits;
}

/** Codes that a task may fail with; STORAGE_FULL is retryable, the others are terminal. */
export type ImageErrorCode =
  | 'IMAGE_UNREADABLE'
  | 'IMAGE_TOO_MANY_PIXELS'
  | 'IMAGE_TOO_COSTLY'
  | 'UNSUPPORTED_MEDIA'
  | 'CROP_BOX_INVALID'
  | 'NODE_DATA_INVALID'
  | 'FILE_TOO_LARGE'
  | 'STORAGE_FULL';

/** How a task ended, and the memory that the process takes now: one that has grown is replaced. */
export type ImageReply =
  | { readonly ok: true; readonly result: unknown; readonly rssBytes: number }
  | { readonly ok: false; readonly code: ImageErrorCode; readonly message: string; readonly rssBytes: number };
