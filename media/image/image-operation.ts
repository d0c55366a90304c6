import type { CreateText, OutputInfo, Sharp, SharpOptions } from 'sharp';
import type { Source } from './source.ts';
import type { ImageFormat, ImageLimits } from './tasks.ts';

/** An operation as the pool of image processes takes it; see `imageOperation`. */
export interface ImageOperation<Params extends object, Result> {
  readonly name: string;
  /** Address of the module that exports it: the image process loads it from there. */
  readonly module: string;
  /** Processor time of one task in ms; watched on Linux. */
  readonly maxCpuMs: number;
  readonly draw: (request: DrawRequest<Params>, images: Images) => Promise<Result>;
}

/** Files by their absolute paths; an operation that only looks has no `output`. */
export type DrawRequest<Params extends object> = Params & { readonly input: string; readonly output: string };

/** What an operation has in an image process: the only place where images are decoded. */
export interface Images {
  readonly limits: ImageLimits;
  /** Reads the head of an image and holds it and the work on it against the limits. Throws IMAGE_* and UNSUPPORTED_MEDIA. */
  open(input: string): Promise<Source>;
  /** The upright image within `box` as a browser shows it: 8 bits a channel, sRGB. */
  shown(source: Source, box: { readonly width: number; readonly height: number }): Promise<Pixels>;
  /** The same in its own size, to be changed and encoded: nothing is decoded before it is written. */
  screen(source: Source): Promise<Sharp>;
  /** An image of given pixels, to be changed and encoded. */
  from(pixels: Pixels): Sharp;
  /** Draws markup of Pango as a mask of one channel, cut to its ink; see `textMask` for texts of people. */
  text(markup: CreateText): Promise<{ readonly data: Buffer; readonly info: OutputInfo }>;
  /**
   * Writes an image as others of this format are written: without loss where the source had none, or where there are
   * few pixels. `pixels` is how many come out of it. Nothing of the source's metadata comes with it.
   */
  save(
    image: Sharp,
    output: string,
    how: { readonly format: ImageFormat; readonly isLossless: boolean; readonly pixels: number },
  ): Promise<ImageSize>;
  /**
   * Writes a changed copy in the format of the source: the stored numbers, with all
   * that says how they are meant. `change` gets the upright image; `pixels` is how many come out of it; `isTurn`: rows of it
   * are made of many.
   */
  rewrite(
    source: Source,
    output: string,
    how: { readonly change: (image: Sharp) => Sharp; readonly pixels: number; readonly isTurn?: boolean },
  ): Promise<void>;
}

/** In pixels. */
export interface ImageSize {
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
