import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { readExif, type PhotoFacts } from '../image/formats/exif.ts';
import type { Images, Pixels } from '../image/image-operation.ts';
import { meanLuma, sharpnessOf } from '../image/luma.ts';
import { mainColors, type MainColor } from '../image/main-colors.ts';
import { imageOperation } from '../operation.ts';

/** What is known about a image. */
export interface ImageFacts {
  /** `jpeg`, `png`, `webp`, `gif` or `avif`. */
  readonly format: string;
  /** Of the upright image. */
  readonly width: number;
  readonly height: number;
  readonly megapixels: number;
  readonly orientation: 'landscape' | 'portrait' | 'square';
  readonly frames: number;
  readonly bitsPerChannel: number;
  readonly hasAlpha: boolean;
  readonly isGray: boolean;
  /** What its numbers mean: `sRGB`, `a profile of its own`, `CMYK`. */
  readonly colors: 'sRGB' | 'profile' | 'CMYK';
  readonly photo: PhotoFacts;
  readonly mainColors: readonly MainColor[];
  /** Average lightness, 0 to 1. */
  readonly brightness: number;
  /** 0 is plain or blurred; a sharp photo has 0.05 and more. */
  readonly sharpness: number;
}

/** Main colors are those of a image as large as this. */
const colorSide = 64;

/** Sharpness depends on the size; images are compared in this one. */
const sharpSide = 1_024;

/** Says what a image is and what is in it, and writes the same as JSON. Place and names in its EXIF are left out. */
export const readImageInfo = imageOperation({
  name: 'image info',
  module: import.meta.url,
  params: z.object({ maxColors: z.number().int().min(0) }),
  async draw({ input, output, maxColors }, images): Promise<ImageFacts> {
    const source = await images.open(input);
    const { info, metadata } = source;
    const large = await images.shown(source, { width: sharpSide, height: sharpSide });
    // Out of the large one: decoding is most of the work.
    const small = await smallOf(large, images);
    const { width, height } = info;
    const facts: ImageFacts = {
      format: info.format,
      width,
      height,
      megapixels: rounded((width * height) / 1_000_000, 2),
      orientation: width === height ? 'square' : width > height ? 'landscape' : 'portrait',
      frames: info.frames,
      bitsPerChannel: source.isDeep ? Math.max(10, metadata.bitsPerSample ?? 16) : 8,
      hasAlpha: metadata.hasAlpha,
      isGray: source.isGrey,
      colors: metadata.space === 'cmyk' ? 'CMYK' : source.color.kind === 'srgb' ? 'sRGB' : 'profile',
      photo: metadata.exif === undefined ? {} : readExif(metadata.exif),
      mainColors: mainColors(small).slice(0, maxColors),
      brightness: rounded(meanLuma(small), 3),
      sharpness: rounded(sharpnessOf(large), 4),
    };
    await writeFile(output, JSON.stringify(facts));
    return facts;
  },
});

async function smallOf(pixels: Pixels, images: Images): Promise<Pixels> {
  const { data, info } = await images
    .from(pixels)
    .resize(colorSide, colorSide, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
