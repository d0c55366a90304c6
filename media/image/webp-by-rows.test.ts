import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { mediaPath } from '../../testing/media.ts';
import { isLosslessWebp } from './encode.ts';
import { encodeWebpByRows, isWebpByRows } from './webp-by-rows.ts';

/** Pixels by a formula, whatever it gives modulo 256. */
function painted(
  width: number,
  height: number,
  channels: 1 | 2 | 3 | 4,
  paint: (x: number, y: number, channel: number) => number,
): Sharp {
  const data = Buffer.alloc(width * height * channels);
  for (let at = 0; at < data.length; at += 1) {
    const pixel = Math.floor(at / channels);
    data[at] = paint(pixel % width, Math.floor(pixel / width), at % channels);
  }
  return sharp(data, { raw: { width, height, channels } });
}

const noise = (x: number, y: number, channel: number) =>
  Math.imul(x * 7_919 + y * 104_729 + channel * 31, 2_654_435_761) >>> 24;

type Case = readonly [name: string, make: () => Sharp];

test.each<Case>([
  ['one pixel', () => painted(1, 1, 3, () => 200)],
  ['noise over several squares', () => painted(523, 300, 3, noise)],
  ['noise in a column', () => painted(1, 600, 3, noise)],
  ['noise in a row', () => painted(600, 1, 3, noise)],
  ['gray', () => painted(300, 40, 1, (x, y) => x + y).toColourspace('b-w')],
  [
    'gray that is seen through',
    () => painted(300, 40, 2, (x, y, channel) => (channel === 0 ? x : y * 6)).toColourspace('b-w'),
  ],
  ['one color', () => painted(700, 600, 3, (_x, _y, channel) => channel * 70)],
  ['soft colors', () => painted(400, 300, 3, (x, y, channel) => ((x * (channel + 1) + y) / 9) & 255)],
  ['a pattern that comes again', () => painted(400, 300, 3, (x, y, channel) => noise(x % 37, y % 21, channel))],
  [
    'alpha, with colors below what is not seen',
    () => painted(300, 270, 4, (x, y, channel) => (channel === 3 ? x : noise(x, y, channel) & 15)),
  ],
])('%s has the very pixels', async (_name, make) => {
  const [output, scratch] = [mediaPath('by-rows.webp'), mediaPath('by-rows.pixels')];
  const wanted = await make().png().toBuffer();
  const { width, height, hasAlpha } = await sharp(wanted).metadata();
  expect(await encodeWebpByRows(make(), output, scratch)).toEqual({ width, height });
  expect(existsSync(scratch)).toBe(false);
  expect(await isLosslessWebp(output)).toBe(true);
  const content = await readFile(output);
  expect(content.readUInt32LE(4)).toBe(content.length - 8);
  expect(await sharp(content).metadata()).toMatchObject({ format: 'webp', width, height, hasAlpha });
  const pixels = async (image: Buffer) => sharp(image).toColourspace('srgb').ensureAlpha().raw().toBuffer();
  expect((await pixels(content)).equals(await pixels(wanted))).toBe(true);
});

test('what repeats itself takes few bytes', async () => {
  const output = mediaPath('repeated.webp');
  await encodeWebpByRows(
    painted(512, 512, 3, (x, y, channel) => noise(x % 64, y % 64, channel)),
    output,
    mediaPath('repeated.pixels'),
  );
  // Once it takes 64 × 64 × 3 bytes.
  expect((await readFile(output)).length).toBeLessThan(2 * 64 * 64 * 3);
});

test('what is said of an image stays, and it is said of the whole', async () => {
  const output = mediaPath('said.webp');
  const image = painted(301, 33, 4, (x) => x)
    .withIccProfile('p3')
    .withExif({ IFD0: { Artist: 'The painter' } })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">seen</x:xmpmeta>');
  await encodeWebpByRows(image, output, mediaPath('said.pixels'));
  const { width, height, hasAlpha, icc, exif, xmp } = await sharp(await readFile(output)).metadata();
  expect([width, height, hasAlpha]).toEqual([301, 33, true]);
  expect(exif?.includes('The painter')).toBe(true);
  expect(xmp?.includes('seen')).toBe(true);
  expect(icc?.byteLength).toBeGreaterThan(0);
});

test.each([
  [16_384, 1],
  [1, 16_384],
])('%i × %i pixels are refused: no decoder would take them', async (width, height) => {
  const [output, scratch] = [mediaPath('long.webp'), mediaPath('long.pixels')];
  const image = painted(width, height, 3, noise);
  await expect(encodeWebpByRows(image, output, scratch)).rejects.toMatchObject({ code: 'IMAGE_TOO_MANY_PIXELS' });
  expect([existsSync(output), existsSync(scratch)]).toEqual([false, false]);
});

test('the longest side that a WebP has stays whole', async () => {
  const output = mediaPath('longest.webp');
  const make = () => painted(16_383, 2, 3, noise);
  await encodeWebpByRows(make(), output, mediaPath('longest.pixels'));
  expect(
    (
      await sharp(await readFile(output))
        .raw()
        .toBuffer()
    ).equals(await make().raw().toBuffer()),
  ).toBe(true);
});

test('photos of 12 MP are left to the library', () => {
  expect([isWebpByRows(12_000_000), isWebpByRows(12_600_001)]).toEqual([false, true]);
});
