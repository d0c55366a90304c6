import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { iconPixels } from '../image/encode.ts';
import { imageOperation } from '../operation.ts';

/** Quality of thumbnails: flat colors stay within two steps of 255, for some 10 kB each. */
const thumbnailQuality = 90;

/** A thumbnail without loss may take so much, or so much a pixel: about what a lossy one takes. */
const maxExactBytes = 48 * 1_024;
const exactBytesPerPixel = 0.5;

/** Of more pixels it is not tried: the time is that of ten lossy ones. */
const maxExactPixels = 640 * 960;

/** Sides are rounded: what is surely more than an icon. */
const largeIcon = iconPixels * 1.1;

/** What a thumbnail lies in: a panorama or a till receipt must not become one of a thousand pixels the other way. */
export function thumbnailBox(width: number): { readonly width: number; readonly height: number } {
  return { width, height: width * 2 };
}

/** Writes a WebP of at most `width` pixels; gives its size. */
export const thumbnailImage = imageOperation({
  name: 'thumbnail of an image',
  module: import.meta.url,
  params: z.object({ width: z.number() }),
  // It is small, however large the image.
  maxCpuMs: 20_000,
  async draw({ input, output, width }, images) {
    const source = await images.open(input);
    const box = thumbnailBox(width);
    const shrink = Math.min(1, box.width / source.info.width, box.height / source.info.height);
    const isPhoto = source.info.format === 'jpeg' && source.color.kind === 'srgb';
    // It is read and written in one go, where there is no choice.
    if (isPhoto && source.info.width * source.info.height * shrink * shrink > largeIcon) {
      const image = (await images.screen(source)).resize({ ...box, fit: 'inside', withoutEnlargement: true });
      const made = await image.webp({ quality: thumbnailQuality, smartSubsample: true }).toFile(output);
      return { width: made.width, height: made.height };
    }
    const pixels = await images.shown(source, box);
    const size = { width: pixels.width, height: pixels.height };
    const count = size.width * size.height;
    // Drawings and screenshots are small without any loss, and lossy WebP would halve their colors.
    const isWorthwhile = (source.isLossless || count <= iconPixels) && count <= maxExactPixels;
    const exact = isWorthwhile ? await images.from(pixels).webp({ lossless: true, effort: 2 }).toBuffer() : null;
    const isSmall = exact !== null && exact.byteLength <= Math.max(maxExactBytes, count * exactBytesPerPixel);
    const encoded = isSmall
      ? exact
      : await images.from(pixels).webp({ quality: thumbnailQuality, smartSubsample: true }).toBuffer();
    await writeFile(output, encoded);
    return size;
  },
});
