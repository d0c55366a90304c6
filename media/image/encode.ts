import { open, writeFile } from 'node:fs/promises';
import type { AvifOptions, Sharp, WebpOptions } from 'sharp';
import { encodeInCells, isInCells } from './avif-in-cells.ts';
import { encodeGifByRows, isGifByRows } from './gif-by-rows.ts';
import type { ImageFormat } from './tasks.ts';
import { encodeWebpByRows, isWebpByRows } from './webp-by-rows.ts';

/** Of an image with so few pixels every one counts: it is encoded without loss where it can be. */
export const iconPixels = 128 * 128;

interface EncodeHints {
  /** Whether a JPEG has its colors at half the width and height or coarser already; 4:2:0 would make others coarser. */
  readonly hasQuarterChroma: boolean;
  /** Whether nothing may be lost, as far as the format can; of an icon nothing ever is. */
  readonly isLossless: boolean;
  /** How many come out. */
  readonly pixels: number;
  /** A channel, as the input has it; AVIF can have 8, 10 and 12. */
  readonly bits: number;
}

/** Visually the same as the source at first sight and after some generations of crops. */
const jpegQuality = 92;
const webpQuality = 92;
/** AVIF keeps more at the same figure than JPEG does. */
const avifQuality = 70;
/** 0-9: from 4 (the library's default) to 2 a 12 MP image takes a third of the time for some 5 % more bytes. */
const avifEffort = 2;

/** What encoders that go over an image more than once keep of it in memory, in bytes a pixel. */
const keptBytes = { '4:4:4': 12, '4:2:0': 7, webp: 15 };

/** In bytes: with the pixels themselves and all else, a worker and the process that encodes stay below 600 MB. */
const maxKeptBytes = 250_000_000;

/**
 * Whether an image of so many pixels is written thoroughly: a JPEG with codes of its own (some 6 % smaller), a WebP with
 * colors that are halved with regard to what is seen. Larger ones are written as their pixels come.
 */
export function isThorough(pixels: number, encoding: keyof typeof keptBytes): boolean {
  return pixels * keptBytes[encoding] <= maxKeptBytes;
}

/** Of WebP: how a large image is gone over once. */
const effortOfLarge = 2;

/** Settings of a lossy WebP of so many pixels. */
export function lossyWebp(pixels: number, quality: number): WebpOptions {
  return isThorough(pixels, 'webp')
    ? { quality, smartSubsample: true }
    : { quality, smartSubsample: false, effort: effortOfLarge };
}

/** Ends a pipeline in the given format with settings that lose as little as can be seen. */
function encode(image: Sharp, format: ImageFormat, hints: EncodeHints): Sharp {
  const isLossless = hints.isLossless || hints.pixels <= iconPixels;
  switch (format) {
    case 'jpeg': {
      const chromaSubsampling = hints.hasQuarterChroma && !isLossless ? '4:2:0' : '4:4:4';
      return image.jpeg({
        quality: isLossless ? 100 : jpegQuality,
        chromaSubsampling,
        optimiseCoding: isThorough(hints.pixels, chromaSubsampling),
      });
    }
    case 'png':
      return image.png();
    case 'webp':
      return image.webp(isLossless ? { lossless: true } : lossyWebp(hints.pixels, webpQuality));
    case 'gif':
      return image.gif();
    case 'avif':
      return image.avif(avifOptions(isLossless, hints.bits));
  }
}

function avifOptions(isLossless: boolean, bits: number): AvifOptions {
  return {
    ...(isLossless ? { lossless: true } : { quality: avifQuality }),
    effort: avifEffort,
    bitdepth: bits === 10 || bits === 12 ? bits : 8,
  };
}

/** Encodes a pipeline as `encode` does, into a file. */
export async function encodeTo(
  output: string,
  image: Sharp,
  format: ImageFormat,
  hints: EncodeHints,
): Promise<{ readonly width: number; readonly height: number }> {
  const scratch = `${output}.pixels`;
  if (format === 'gif' && isGifByRows(hints.pixels)) return encodeGifByRows(image, output, scratch);
  if (format === 'webp' && hints.isLossless && isWebpByRows(hints.pixels)) {
    return encodeWebpByRows(image, output, scratch);
  }
  if (format === 'avif' && isInCells(hints.pixels)) {
    const { content, width, height } = await encodeInCells(image, avifOptions(hints.isLossless, hints.bits), scratch);
    await writeFile(output, content);
    return { width, height };
  }
  const { width, height } = await encode(image, format, hints).toFile(output);
  return { width, height };
}

/** Whether a WebP file holds a lossless image: its first image chunk is `VP8L` (RFC 9649). */
export async function isLosslessWebp(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const header = Buffer.alloc(8);
    // After `RIFF`, the size and `WEBP` come chunks of a name, a length and a body padded to an even length.
    let offset = 12;
    for (;;) {
      const { bytesRead } = await handle.read(header, 0, 8, offset);
      if (bytesRead < 8) return false;
      const name = header.toString('latin1', 0, 4);
      if (name === 'VP8L') return true;
      if (name === 'VP8 ' || name === 'ANIM') return false;
      const length = header.readUInt32LE(4);
      offset += 8 + length + (length % 2);
    }
  } finally {
    await handle.close();
  }
}
