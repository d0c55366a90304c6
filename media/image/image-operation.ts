import type { Sharp, SharpOptions } from 'sharp';
import type { Source } from './source.ts';
import type { ImageFormat, ImageLimits } from './tasks.ts';

/** An operation as the pool of image processes takes it; see `imageOperation`. */
export interface ImageOperation<Params extends object, Result> {
  readonly name: string;
  /** Address of the module that exports it: the image process loads it from there. */
  readonly module: string;
  /** Processor time of one task in ms; watched on Linux. */
  readonly maxCpuMs: number;
  readonly draw: (request: PictureRequest<Params>, pictures: Pictures) => Promise<Result>;
}

/** Files by their absolute paths; an operation that only looks has no `output`. */
export type PictureRequest<Params extends object> = Params & { readonly input: string; readonly output: string };

/** What an operation has in an image process: the only place where pictures are decoded. */
export interface Pictures {
  readonly limits: ImageLimits;
  /** Reads the head of a picture and holds it and the work on it against the limits. Throws IMAGE_* and UNSUPPORTED_MEDIA. */
  open(input: string): Promise<Source>;
  /** The upright picture within `box` as a browser shows it: 8 bits a channel, sRGB. */
  shown(source: Source, box: { readonly width: number; readonly height: number }): Promise<Pixels>;
  /** The same in its own size, to be changed and encoded: nothing is decoded before it is written. */
  screen(source: Source): Promise<Sharp>;
  /** A picture of given pixels, to be changed and encoded. */
  from(pixels: Pixels): Sharp;
  /**
   * Writes a picture as others of this format are written: without loss where the source had none, or where there are
   * few pixels. Nothing of the source's metadata comes with it.
   */
  save(
    picture: Sharp,
    output: string,
    how: { readonly format: ImageFormat; readonly isLossless: boolean },
  ): Promise<PictureSize>;
  /**
   * Writes a changed copy in the format of the source: the stored numbers, with all
   * that says how they are meant. `change` gets the upright picture; `pixels` is how many come out of it.
   */
  rewrite(
    source: Source,
    output: string,
    how: { readonly change: (picture: Sharp) => Sharp; readonly pixels: number },
  ): Promise<void>;
}

/** In pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Decoded pixels, row by row. */
export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: NonNullable<SharpOptions['raw']>['channels'];
}

/** Of a picture with so few pixels every one counts: it is encoded without loss where it can be. */
export const iconPixels = 128 * 128;
