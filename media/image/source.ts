import sharp, { type Metadata, type Sharp } from 'sharp';
import { TerminalError } from '../../core/errors/app-error.ts';
import { isLosslessWebp } from './encode.ts';
import { decodableAvif, readAvif } from './formats/avif.ts';
import { smallFirstGifFrame } from './formats/gif.ts';
import { holdsProfileFor, isRgbProfile } from './formats/icc.ts';
import type { ColorMeaning, PlacedFrame } from './formats/meaning.ts';
import { firstPngFrame, readPng, withoutIdleTransparency } from './formats/png.ts';
import type { ImageFormat, ImageInfo, ImageLimits } from './tasks.ts';

/** An image as a browser takes it: which of its frames, and what its numbers mean. */
export interface Source {
  readonly input: string;
  readonly info: ImageInfo;
  readonly metadata: Metadata;
  readonly color: ColorMeaning;
  /** Marks that a crop of the same format carries on: chunks of a PNG, H.273 numbers of an AVIF. */
  readonly marks: {
    readonly png: readonly Buffer[];
    readonly avif: { readonly primaries: number; readonly transfer: number } | null;
  };
  /** Whether 16, 12 or 10 bits a channel come out of the decoder. */
  readonly isDeep: boolean;
  readonly isGrey: boolean;
  /** Whether the file holds the very pixels that somebody saved. */
  readonly isLossless: boolean;
  /** The stored numbers, not upright yet; profiles are left aside with `raw`. */
  open(options?: { raw: boolean }): Sharp;
}

/** Reads headers only and holds them against the limits, so that nothing too large is ever decoded. */
export async function openSource(input: string, limits: ImageLimits): Promise<Source> {
  const whole = (await decodableAvif(input)) ?? (await withoutIdleTransparency(input)) ?? input;
  const metadata = await sharp(whole, { limitInputPixels: false }).metadata();
  const format = formatOf(metadata);
  const { width, height } = metadata.autoOrient;
  const info = { format, width, height, frames: metadata.pages ?? 1 };
  holdAgainst(info, limits);
  const png = format === 'png' ? await readPng(input) : null;
  const avif = format === 'avif' ? await readAvif(input) : null;
  const placed =
    format === 'gif' ? await smallFirstGifFrame(input) : png?.hidesPlainPicture ? await firstPngFrame(input) : null;
  const options = {
    limitInputPixels: limits.maxImagePixels,
    failOn: 'error',
    sequentialRead: true,
    // An AVIF may hold others beside the image that it shows.
    ...(format === 'avif' && { page: metadata.pagePrimary ?? 0 }),
  } as const;
  const image = placed === null ? whole : await onItsCanvas(placed, limits);
  const isGrey = metadata.space === 'b-w' || metadata.space === 'grey16';
  return {
    input,
    info,
    metadata,
    color: png?.color ?? avif?.color ?? meaningOfProfile(metadata, isGrey),
    marks: { png: png?.marks ?? [], avif: avif?.codes ?? null },
    isDeep: metadata.space === 'rgb16' || metadata.space === 'grey16',
    isGrey: isGrey && placed === null,
    isLossless: format === 'png' || format === 'gif' || (format === 'webp' && (await isLosslessWebp(input))),
    open: ({ raw } = { raw: false }) => sharp(image, { ...options, ignoreIcc: raw }),
  };
}

/** A profile that no browser can use counts as absent. */
function meaningOfProfile({ icc, space }: Metadata, isGrey: boolean): ColorMeaning {
  const isCmyk = space === 'cmyk';
  if (icc === undefined || !holdsProfileFor(icc, isCmyk ? 'cmyk' : isGrey ? 'grey' : 'rgb')) {
    return { kind: isCmyk ? 'inks' : 'srgb' };
  }
  return { kind: 'profile', forGrey: isGrey && isRgbProfile(icc) ? icc : undefined };
}

/** The whole canvas with the frame in its place, transparent around it. */
async function onItsCanvas({ image, left, top, canvas }: PlacedFrame, limits: ImageLimits): Promise<Buffer> {
  const frame = sharp(image, { limitInputPixels: limits.maxImagePixels, failOn: 'error' });
  const { width, height, space } = await frame.metadata();
  if (left + width > canvas.width || top + height > canvas.height) {
    throw new TerminalError(
      'IMAGE_UNREADABLE',
      'The image cannot be read: its first frame reaches beyond its canvas. Save it again.',
    );
  }
  const extended = frame
    .ensureAlpha()
    .keepIccProfile()
    .extend({
      left,
      top,
      right: canvas.width - left - width,
      bottom: canvas.height - top - height,
      background: '#00000000',
    });
  if (space === 'rgb16' || space === 'grey16') extended.toColourspace('rgb16');
  return extended.png({ compressionLevel: 1 }).toBuffer();
}

function holdAgainst({ width, height, frames }: ImageInfo, limits: ImageLimits): void {
  const pixels = width * height;
  if (
    pixels > limits.maxImagePixels ||
    Math.max(width, height) > limits.maxImageSide ||
    pixels * frames > limits.maxAnimationPixels
  ) {
    const size = `${width} × ${height} pixels${frames > 1 ? ` in ${frames} frames` : ''}`;
    throw new TerminalError(
      'IMAGE_TOO_MANY_PIXELS',
      `The image has ${size}; up to ${limits.maxImagePixels} pixels, ${limits.maxImageSide} on a side and ` +
        `${limits.maxAnimationPixels} over all frames are accepted. Make it smaller.`,
    );
  }
}

function formatOf(metadata: Metadata): ImageFormat {
  const { format } = metadata;
  if (format === 'jpeg' || format === 'png' || format === 'webp' || format === 'gif') return format;
  if (format === 'heif' && metadata.compression === 'av1') return 'avif';
  throw new TerminalError(
    'UNSUPPORTED_MEDIA',
    `Images of type ${format} are not accepted. Use JPEG, PNG, WebP, GIF or AVIF.`,
  );
}
