import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { mediaPath } from '../../testing/media.ts';
import { encodeInCells, isInCells } from './avif-in-cells.ts';

/** Two cells wide, the second one by ten pixels more than half of it. */
const [width, height] = [2_101, 65];

/** Black to white from left to right, all of it in 16 bits; the right half is seen through where there is alpha. */
function ramp(channels: 1 | 3 | 4): Sharp {
  const pixels = new Uint16Array(width * height * channels);
  for (let at = 0; at < width * height; at += 1) {
    const x = at % width;
    pixels.fill(Math.round((x / (width - 1)) * 65_535), at * channels, (at + 1) * channels);
    if (channels === 4) pixels[at * 4 + 3] = x < 1_060 ? 65_535 : 32_768;
  }
  return sharp(pixels, { raw: { width, height, channels } }).toColourspace(channels === 1 ? 'grey16' : 'rgb16');
}

type Case = readonly [name: string, channels: 1 | 3 | 4, bitdepth: 8 | 10 | 12, isLossless: boolean];

test.each<Case>([
  ['of 8 bits', 3, 8, false],
  ['of 8 bits without loss', 3, 8, true],
  ['of 12 bits', 3, 12, false],
  ['of 10 bits, gray', 1, 10, false],
  ['with an opaque cell beside one that is seen through', 4, 8, false],
])('an image %s is the same in cells', async (_name, channels, bitdepth, isLossless) => {
  const scratch = mediaPath('in-cells.pixels');
  const options = { ...(isLossless ? { lossless: true } : { quality: 90 }), effort: 0, bitdepth };
  const made = await encodeInCells(ramp(channels), options, scratch);
  expect(existsSync(scratch)).toBe(false);
  expect(made).toMatchObject({ width, height });
  const [metadata, whole] = [
    await sharp(made.content).metadata(),
    await sharp(await ramp(channels).avif(options).toBuffer()).metadata(),
  ];
  const { hasAlpha, bitsPerSample, space } = whole;
  expect(metadata).toMatchObject({ width, height, hasAlpha, bitsPerSample, space });
  const seen = await sharp(made.content).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const wanted = await ramp(channels).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const colors = Math.min(wanted.info.channels, 3);
  let farthest = 0;
  for (let at = 0; at < width * height; at += 1) {
    const [one, other] = [at * seen.info.channels, at * wanted.info.channels];
    for (let color = 0; color < colors; color += 1) {
      farthest = Math.max(farthest, Math.abs(seen.data[one + color]! - wanted.data[other + color]!));
    }
    if (channels === 4) farthest = Math.max(farthest, Math.abs(seen.data[one + 3]! - wanted.data[other + 3]!));
  }
  expect(farthest).toBeLessThanOrEqual(3);
});

test('what is said of an image stays', async () => {
  const image = sharp({ create: { width, height, channels: 3, background: '#c08040' } })
    .withIccProfile('p3')
    .withExif({ IFD0: { Artist: 'The painter' } })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">seen</x:xmpmeta>');
  const { content } = await encodeInCells(image, { effort: 0 }, mediaPath('said.pixels'));
  const { icc, exif, xmp } = await sharp(content).metadata();
  expect(exif?.includes('The painter')).toBe(true);
  expect(xmp?.includes('seen')).toBe(true);
  expect(icc?.byteLength).toBeGreaterThan(0);
});

test('photos of 12 MP are written in one piece, larger ones in cells', () => {
  expect([isInCells(12_000_000), isInCells(12_600_000), isInCells(12_600_001)]).toEqual([false, false, true]);
});
