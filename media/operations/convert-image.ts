import { stat, writeFile } from 'node:fs/promises';
import type { AvifOptions, Sharp } from 'sharp';
import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { colorSchema } from '../../core/node-type/image-fields.ts';
import { encodeInCells, isInCells } from '../image/avif-in-cells.ts';
import { isThorough, lossyWebp } from '../image/encode.ts';
import type { Images, ImageSize } from '../image/image-operation.ts';
import type { Source } from '../image/source.ts';
import { encodeWebpByRows, isWebpByRows } from '../image/webp-by-rows.ts';
import { imageOperation } from '../operation.ts';

const paramsSchema = z.object({
  format: z.enum(['jpeg', 'png', 'webp', 'avif']),
  /** 1 to 100; PNG has none. */
  quality: z.number().int().min(1).max(100),
  /** WebP and AVIF without any loss; PNG always is. */
  isLossless: z.boolean(),
  /** Null: as many as it takes. */
  maxBytes: z.number().int().positive().nullable(),
  /** Whether an image that does not fit may get fewer pixels, once quality alone does not help. */
  mayShrink: z.boolean(),
  /** EXIF, XMP, IPTC: camera, place, author, prompt. */
  keepsMetadata: z.boolean(),
  /** The color profile and the numbers that it explains; else sRGB. */
  keepsProfile: z.boolean(),
  /** What lies below an image with transparent parts where the format has none (JPEG). */
  background: colorSchema,
});
type Request = z.infer<typeof paramsSchema>;

/** Below it an image falls apart; with a limit of bytes it is made smaller rather than worse. */
const worstQuality = 30;

/** Sides get this much shorter at each step when quality does not help: about half the pixels. */
const shrinkBy = 0.7;

/** A limit that asks for less than this is refused. */
const minSide = 16;

/** As in crops: from the default of 4 to 2 an image of 12 MP takes a third of the time for some 5 % more bytes. */
const avifEffort = 2;

/**
 * Writes an image in another format, upright. PNG and AVIF keep more than 8 bits a channel where the numbers stay what
 * they are: those of sRGB, or with their profile; all else has 8 bits. With a limit of bytes the best quality that fits
 * is taken, then fewer pixels where that is allowed. Throws FILE_TOO_LARGE where nothing fits.
 */
export const convertImage = imageOperation({
  name: 'convert image',
  module: import.meta.url,
  params: paramsSchema,
  // A limit of bytes asks for some twenty attempts.
  maxCpuMs: 120_000,
  async draw({ input, output, ...request }, images) {
    const source = await images.open(input);
    const { maxBytes } = request;
    if (maxBytes === null) {
      const picture = await pictureOf(source, request, images);
      if (request.format === 'avif' && isInCells(source.info.width * source.info.height)) {
        const made = await encodeInCells(picture.image, avifOptions(picture, request), scratchOf(output));
        await writeFile(output, made.content);
        const { width, height, content } = made;
        return { width, height, bytes: content.byteLength, quality: qualityOf(request) };
      }
      if (isByRows(request, source.info)) {
        const size = await encodeWebpByRows(picture.image, output, scratchOf(output));
        return { ...size, bytes: (await stat(output)).size, quality: qualityOf(request) };
      }
      const image = encoded(picture, request, source.info);
      const { width, height, size } = await image.toFile(output);
      return { width, height, bytes: size, quality: qualityOf(request) };
    }
    const found = await fit(source, { ...request, maxBytes }, images, output);
    await found.save();
    return { width: found.width, height: found.height, bytes: found.bytes, quality: found.quality };
  },
});

const isByRows = ({ format, isLossless }: Request, { width, height }: ImageSize): boolean =>
  format === 'webp' && isLossless && isWebpByRows(width * height);

/** Beside the result, where there is room for it. */
const scratchOf = (output: string) => `${output}.pixels`;

function qualityOf({ format, isLossless, quality }: Request): number | null {
  return format === 'png' || (isLossless && format !== 'jpeg') ? null : quality;
}

/** What is written: an image with what is to be kept beside its pixels, and how many bits a channel has. */
interface Picture {
  readonly image: Sharp;
  readonly bits: 8 | 10 | 12 | 16;
}

async function pictureOf(source: Source, request: Request, images: Images): Promise<Picture> {
  const { color, metadata } = source;
  const keepsProfile =
    request.keepsProfile && color.kind === 'profile' && metadata.space !== 'cmyk' && color.forGrey === undefined;
  const bits = bitsOf(source, request, keepsProfile);
  const image = keepsProfile || bits > 8 ? source.open({ raw: true }).autoOrient() : await images.screen(source);
  if (keepsProfile) image.keepIccProfile();
  // Without it 16 bits a channel would come out as 8.
  if (bits > 8) image.toColourspace(source.isGrey ? 'grey16' : 'rgb16');
  if (request.keepsMetadata) image.keepExif().keepXmp();
  if (request.format === 'jpeg') image.flatten({ background: request.background });
  return { image, bits };
}

function bitsOf({ isDeep, color, metadata }: Source, { format }: Request, keepsProfile: boolean): Picture['bits'] {
  if (!isDeep || !(keepsProfile || color.kind === 'srgb')) return 8;
  if (format === 'png') return 16;
  if (format !== 'avif') return 8;
  return metadata.bitsPerSample === 10 ? 10 : 12;
}

function avifOptions({ bits }: Picture, { quality, isLossless }: Request): AvifOptions {
  return {
    ...(isLossless ? { lossless: true } : { quality }),
    effort: avifEffort,
    bitdepth: bits === 16 ? 12 : bits,
  };
}

function encoded(picture: Picture, request: Request, size: ImageSize): Sharp {
  const { image } = picture;
  const { format, quality, isLossless } = request;
  const pixels = size.width * size.height;
  switch (format) {
    case 'jpeg': {
      const chromaSubsampling = quality >= 90 ? '4:4:4' : '4:2:0';
      const takesTime = isThorough(pixels, chromaSubsampling);
      return image.jpeg({ quality, chromaSubsampling, mozjpeg: takesTime, optimiseCoding: takesTime });
    }
    case 'png':
      return image.png({ compressionLevel: 9 });
    case 'webp':
      return image.webp(isLossless ? { lossless: true } : lossyWebp(pixels, quality));
    case 'avif':
      return image.avif(avifOptions(picture, request));
  }
}

/** An image that was encoded to see how many bytes it takes. */
interface Attempt {
  readonly bytes: number;
  /** Makes it the result. */
  save(): Promise<void>;
}

/** Encodes a picture, in cells or by rows where it is a large AVIF or WebP. */
async function attempt(picture: Picture, request: Request, size: ImageSize, output: string): Promise<Attempt> {
  if (isByRows(request, size)) {
    await encodeWebpByRows(picture.image, output, scratchOf(output));
    return { bytes: (await stat(output)).size, save: () => Promise.resolve() };
  }
  const content =
    request.format === 'avif' && isInCells(size.width * size.height)
      ? (await encodeInCells(picture.image, avifOptions(picture, request), scratchOf(output))).content
      : await encoded(picture, request, size).toBuffer();
  return { bytes: content.byteLength, save: () => writeFile(output, content) };
}

interface Fitting extends Attempt {
  readonly width: number;
  readonly height: number;
  readonly quality: number | null;
}

async function fit(
  source: Source,
  request: Request & { maxBytes: number },
  images: Images,
  output: string,
): Promise<Fitting> {
  const { width, height } = source.info;
  for (let scale = 1; ; scale *= shrinkBy) {
    const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    if (scale < 1 && Math.max(size.width, size.height) < minSide) break;
    const found = await bestThatFits(async (quality) => {
      const { image, bits } = await pictureOf(source, request, images);
      const sized = image.resize(size.width, size.height, { fit: 'fill' });
      return attempt({ image: sized, bits }, { ...request, quality: quality ?? request.quality }, size, output);
    }, request);
    if (found !== null) return { ...found, ...size };
    if (!request.mayShrink) break;
  }
  const advice = request.mayShrink ? 'Allow more' : 'Allow more, a lower quality, or fewer pixels';
  throw new TerminalError(
    'FILE_TOO_LARGE',
    `The image cannot be written as ${request.format.toUpperCase()} in ${request.maxBytes} bytes. ${advice}.`,
  );
}

/** The best quality whose bytes fit, found by halving; null where even the worst does not. */
async function bestThatFits(
  write: (quality: number | null) => Promise<Attempt>,
  request: Request & { maxBytes: number },
): Promise<(Attempt & { quality: number | null }) | null> {
  const asked = qualityOf(request);
  const first = await write(asked);
  if (first.bytes <= request.maxBytes) return { ...first, quality: asked };
  if (asked === null) return null;
  let best: (Attempt & { quality: number }) | null = null;
  for (let low = Math.min(worstQuality, asked), high = asked - 1; low <= high;) {
    const quality = Math.floor((low + high + 1) / 2);
    const made = await write(quality);
    if (made.bytes <= request.maxBytes) {
      best = { ...made, quality };
      low = quality + 1;
    } else high = quality - 1;
  }
  return best;
}
