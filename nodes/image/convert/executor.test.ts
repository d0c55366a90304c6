import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import {
  isClose,
  makeOrientedJpeg,
  makeP3Jpeg,
  makePhotoJpeg,
  makePicture,
  makeTransparentPng,
  mediaPath,
  quarterColors,
} from '../../../testing/media.ts';
import { installedFfmpeg } from '../../../testing/frame-taker.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { rasterOf } from '../../../testing/pixels.ts';
import { convertImageExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

async function converted(file: string, data: object): Promise<string> {
  const { output } = await runs.run(convertImageExecutor, data, { image: await runs.assetOf(file) });
  return runs.fileOf(output);
}

/** How far two images are apart on average, of 255. */
async function distance(one: string, other: string): Promise<number> {
  const [a, b] = [await rasterOf(one), await rasterOf(other)];
  return a.data.reduce((sum, value, at) => sum + Math.abs(value - b.data[at]!), 0) / a.data.length;
}

const detailed = () => makePhotoJpeg(320, 240);

describe.each([
  ['jpeg', 'jpeg'],
  ['png', 'png'],
  ['webp', 'webp'],
  ['avif', 'heif'],
] as const)('as %s', (format, found) => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('a %s shows the same', async (from) => {
    const file = await converted(await makePicture(from), { format, quality: 90 });
    const { width, height, format: real } = await sharp(file).metadata();
    expect([width, height, real]).toEqual([80, 60, found]);
    const image = await rasterOf(file);
    const [red, green, blue] = image.at(10, 10);
    expect(isClose([red, green, blue], quarterColors.topLeft, 30)).toBe(true);
  });
});

test('an image that is longer than a WebP may be says so', async () => {
  const converting = converted(await makePicture('png', 16_384, 2), { format: 'webp' });
  await expect(converting).rejects.toMatchObject({
    code: 'IMAGE_TOO_MANY_PIXELS',
    message: expect.stringContaining('up to 16383 pixels on a side'),
  });
});

test.each(['jpeg', 'webp', 'avif'])('a lower quality of %s takes fewer bytes and is further off', async (format) => {
  const source = await detailed();
  const [good, bad] = [
    await converted(source, { format, quality: 90 }),
    await converted(source, { format, quality: 20 }),
  ];
  expect((await stat(bad)).size).toBeLessThan((await stat(good)).size / 2);
  expect(await distance(source, bad)).toBeGreaterThan(await distance(source, good));
});

test.each(['webp', 'avif', 'png'])('%s without loss has the very pixels', async (format) => {
  const source = await makePicture('png');
  const lossless = await rasterOf(await converted(source, { format, lossless: true }));
  expect(lossless.data.equals((await rasterOf(source)).data)).toBe(true);
});

describe('with a limit of bytes', () => {
  test('the best quality that fits is taken: the next one would not fit', async () => {
    const source = await detailed();
    const sizeAt = async (quality: number) => (await stat(await converted(source, { format: 'webp', quality }))).size;
    // Two neighbors with a whole number of KB between them.
    let [quality, fits, next] = [60, await sizeAt(60), await sizeAt(61)];
    while (Math.floor(next / 1_000) * 1_000 < fits)
      [quality, fits, next] = [quality + 1, next, await sizeAt(quality + 2)];
    const maxKb = Math.floor(next / 1_000) - (next % 1_000 === 0 ? 1 : 0);
    const file = await converted(source, { format: 'webp', quality: 90, limited: true, maxKb });
    expect([(await stat(file)).size, (await sharp(file).metadata()).width]).toEqual([fits, 320]);
  });

  test('a file that fits anyway has the quality that was asked for', async () => {
    const source = await detailed();
    const [free, limited] = [
      await converted(source, { format: 'jpeg', quality: 70 }),
      await converted(source, { format: 'jpeg', quality: 70, limited: true, maxKb: 5_000 }),
    ];
    expect((await stat(limited)).size).toBe((await stat(free)).size);
    expect(await distance(free, limited)).toBe(0);
  });

  test('a large WebP without loss is the same file as without a limit that it keeps', async () => {
    const source = await makePicture('png', 4_000, 3_160);
    const data = { format: 'webp', lossless: true };
    const free = await readFile(await converted(source, data));
    const limited = await readFile(await converted(source, { ...data, limited: true, maxKb: 5_000 }));
    expect([limited.equals(free), free.length < 5_000_000]).toEqual([true, true]);
  });

  test.each([
    ['jpeg', 4],
    ['png', 4],
    ['avif', 1],
  ] as const)('where quality is not enough a %s gets fewer pixels, in its shape', async (format, maxKb) => {
    const file = await converted(await detailed(), { format, limited: true, maxKb });
    expect((await stat(file)).size).toBeLessThanOrEqual(maxKb * 1_000);
    const { width = 0, height = 0 } = await sharp(file).metadata();
    expect(width).toBeLessThan(320);
    expect(width / height).toBeCloseTo(4 / 3, 1);
  });

  test('what cannot fit is refused in words', async () => {
    const data = { format: 'png', limited: true, maxKb: 4, mayShrink: false };
    await expect(converted(await detailed(), data)).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
      message: 'The image cannot be written as PNG in 4000 bytes. Allow more, a lower quality, or fewer pixels.',
    });
  });
});

describe('what an image says about itself', () => {
  test('is left out, place and camera included, and the image is upright', async () => {
    const { exif, orientation, width } = await sharp(
      await converted(await makeOrientedJpeg(6), { format: 'jpeg' }),
    ).metadata();
    expect([exif, orientation, width]).toEqual([undefined, undefined, 80]);
  });

  test('stays where that is asked for, without a second turn', async () => {
    const file = await converted(await makeOrientedJpeg(6), { format: 'webp', keepMetadata: true });
    const { exif, orientation, width } = await sharp(file).metadata();
    expect(exif?.includes('HeddleCam')).toBe(true);
    expect([orientation ?? 1, width]).toEqual([1, 80]);
  });

  test('a wide profile becomes sRGB with the same look, or stays with its numbers', async () => {
    const source = await makeP3Jpeg();
    const plain = await sharp(await converted(source, { format: 'png' })).metadata();
    expect(plain.icc).toBeUndefined();
    const kept = await converted(source, { format: 'png', keepProfile: true });
    expect((await sharp(kept).metadata()).icc).toEqual((await sharp(source).metadata()).icc);
    expect(await distance(await converted(source, { format: 'png' }), kept)).toBeLessThan(3);
  });
});

test('a JPEG of an image with transparent parts lies on the color', async () => {
  const file = await converted(await makeTransparentPng(80, 60), {
    format: 'jpeg',
    quality: 95,
    background: '#1020f0',
  });
  const [red, green, blue] = (await rasterOf(file)).at(10, 30);
  expect(isClose([red, green, blue], [16, 32, 240], 6)).toBe(true);
});

test.each(['jpeg', 'png', 'webp', 'avif'])('the same image as %s twice is the same file', async (format) => {
  const source = await detailed();
  const [one, other] = [
    await runs.assetOf(await converted(source, { format })),
    await runs.assetOf(await converted(source, { format })),
  ];
  expect(one.sha256).toBe(other.sha256);
});

describe('more than eight bits a channel', () => {
  const [width, height] = [256, 4];
  /** Neighbors differ by far less than a step of eight bits. */
  const level = (x: number, channel: number) => 20_000 + x * 17 + channel * 1_000;

  async function fineRamp(): Promise<string> {
    const file = mediaPath('fine-ramp.png');
    const numbers = Uint16Array.from({ length: width * height * 3 }, (_, at) =>
      level(Math.floor(at / 3) % width, at % 3),
    );
    await sharp(numbers, { raw: { width, height, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toFile(file);
    return file;
  }

  /** The numbers of the first row, by another decoder. */
  async function rowOf(file: string): Promise<number[]> {
    const args = ['-v', 'error', '-i', file, '-f', 'rawvideo', '-pix_fmt', 'rgb48le', '-'];
    const { stdout } = await promisify(execFile)(installedFfmpeg, args, { encoding: 'buffer', maxBuffer: 1e7 });
    return Array.from({ length: width * 3 }, (_, at) => stdout.readUInt16LE(at * 2));
  }
  const ramp = Array.from({ length: width * 3 }, (_, at) => level(Math.floor(at / 3), at % 3));

  test('stay in a PNG, each number as it is', async () => {
    expect(await rowOf(await fineRamp())).toEqual(ramp);
    expect(await rowOf(await converted(await fineRamp(), { format: 'png' }))).toEqual(ramp);
    const limited = await converted(await fineRamp(), { format: 'png', limited: true, maxKb: 500 });
    expect(await rowOf(limited)).toEqual(ramp);
  });

  test('become twelve in an AVIF, and eight where the format has no more', async () => {
    const avif = await converted(await fineRamp(), { format: 'avif', quality: 95 });
    expect((await sharp(avif).metadata()).bitsPerSample).toBe(12);
    const { data } = await sharp(avif)
      .toColourspace('rgb16')
      .raw({ depth: 'ushort' })
      .toBuffer({ resolveWithObject: true });
    const reds = Array.from({ length: width }, (_, x) => data.readUInt16LE(x * 6));
    // A step of eight bits is 257: a ramp of 4,335 has 17 of them, and many more of twelve.
    expect(new Set(reds).size).toBeGreaterThan(60);
    expect(reds.every((value, x) => Math.abs(value - level(x, 0)) < 400)).toBe(true);
    const webp = await converted(await fineRamp(), { format: 'webp', quality: 95 });
    expect(
      (await rasterOf(webp))
        .at(0, 0)
        .slice(0, 3)
        .every((value, channel) => Math.abs(value - level(0, channel) / 257) < 6),
    ).toBe(true);
  });
});
