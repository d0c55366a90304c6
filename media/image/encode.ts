import { open } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import type { ImageFormat } from './tasks.ts';

interface EncodeHints {
  /** Whether a JPEG has its colors at half the width and height or coarser already; 4:2:0 would make others coarser. */
  readonly hasQuarterChroma: boolean;
  /** Whether nothing may be lost, as far as the format can. */
  readonly isLossless: boolean;
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

/** Ends a pipeline in the given format with settings that lose as little as can be seen. */
export function encode(image: Sharp, format: ImageFormat, hints: EncodeHints): Sharp {
  switch (format) {
    case 'jpeg':
      return image.jpeg({
        quality: hints.isLossless ? 100 : jpegQuality,
        chromaSubsampling: hints.hasQuarterChroma && !hints.isLossless ? '4:2:0' : '4:4:4',
      });
    case 'png':
      return image.png();
    case 'webp':
      return hints.isLossless
        ? image.webp({ lossless: true })
        : image.webp({ quality: webpQuality, smartSubsample: true });
    case 'gif':
      return image.gif();
    case 'avif':
      return image.avif({
        ...(hints.isLossless ? { lossless: true } : { quality: avifQuality }),
        effort: avifEffort,
        bitdepth: hints.bits === 10 || hints.bits === 12 ? hints.bits : 8,
      });
  }
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
