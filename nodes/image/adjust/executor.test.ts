import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { installedFfmpeg } from '../../../testing/frame-taker.ts';
import {
  isClose,
  makeCmykJpeg,
  makePicture,
  makeP3Jpeg,
  mediaPath,
  quarterColors,
  type Rgb,
} from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { rasterOf, writePng, type Raster } from '../../../testing/pixels.ts';
import { adjustImageExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

async function adjusted(file: string, data: object): Promise<Raster> {
  const { output } = await runs.run(adjustImageExecutor, data, { image: await runs.assetOf(file) });
  return rasterOf(await runs.fileOf(output));
}

const plain = (color: Rgb) => writePng(mediaPath(`plain-${color.join('-')}.png`), 8, 8, () => color);
const colorOf = async (color: Rgb, data: object) => (await adjusted(await plain(color), data)).at(4, 4).slice(0, 3);

/** CIE LCh of an sRGB color, by the formulas of the standard. */
function lchOf([r, g, b]: readonly number[]): { lightness: number; chroma: number; hue: number } {
  const light = [r!, g!, b!].map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const x = 0.4124 * light[0] + 0.3576 * light[1] + 0.1805 * light[2];
  const y = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
  const z = 0.0193 * light[0] + 0.1192 * light[1] + 0.9505 * light[2];
  const f = (value: number) => (value > 216 / 24_389 ? Math.cbrt(value) : (24_389 / 27 / 116) * value + 16 / 116);
  const [fx, fy, fz] = [f(x / 0.9505), f(y), f(z / 1.089)];
  const [a, bb] = [500 * (fx - fy), 200 * (fy - fz)];
  return { lightness: 116 * fy - 16, chroma: Math.hypot(a, bb), hue: (Math.atan2(bb, a) * 180) / Math.PI };
}

test('nothing asked for changes nothing', async () => {
  const image = await adjusted(await makePicture('png'), {});
  const before = await rasterOf(await makePicture('png'));
  expect(image.data.equals(before.data)).toBe(true);
});

test.each([50, -40])('brightness %s is so much more lightness, the hue stays', async (brightness) => {
  const before = lchOf([120, 70, 60]);
  const after = lchOf(await colorOf([120, 70, 60], { brightness }));
  expect(after.lightness / before.lightness).toBeCloseTo(1 + brightness / 100, 1);
  expect(Math.abs(after.hue - before.hue)).toBeLessThan(2);
});

test.each([40, -60])('saturation %s is so much more chroma, the lightness stays', async (saturation) => {
  const before = lchOf([120, 80, 70]);
  const after = lchOf(await colorOf([120, 80, 70], { saturation }));
  expect(after.chroma / before.chroma).toBeCloseTo(1 + saturation / 100, 1);
  expect(Math.abs(after.lightness - before.lightness)).toBeLessThan(1);
});

test('hue turns around the color wheel', async () => {
  const before = lchOf([140, 90, 90]);
  const after = lchOf(await colorOf([140, 90, 90], { hue: 120 }));
  expect(Math.abs(((after.hue - before.hue + 540) % 360) - 180 - 120)).toBeLessThan(3);
  expect(Math.abs(after.chroma - before.chroma)).toBeLessThan(2);
});

test.each([
  [-50, (value: number) => 127.5 + (value - 127.5) * 0.5],
  [-100, () => 127.5],
  [50, (value: number) => Math.min(255, Math.max(0, 127.5 + (value - 127.5) * 2.5))],
] as const)('contrast %s moves every level to or from middle gray', async (contrast, expected) => {
  for (const color of [
    [10, 100, 127],
    [200, 160, 250],
  ] as const) {
    const after = await colorOf(color, { contrast });
    color.forEach((value, channel) => expect(Math.abs(after[channel]! - expected(value))).toBeLessThanOrEqual(1));
  }
});

test('grayscale has three equal channels of the same lightness', async () => {
  const [r, g, b] = await colorOf([200, 80, 40], { grayscale: true });
  expect(Math.max(r!, g!, b!) - Math.min(r!, g!, b!)).toBeLessThanOrEqual(1);
  expect(Math.abs(lchOf([r!, g!, b!]).lightness - lchOf([200, 80, 40]).lightness)).toBeLessThan(1.5);
});

test('a tint gives grays the hue of its color and leaves their lightness', async () => {
  const after = lchOf(await colorOf([120, 120, 120], { tinted: true, tint: '#a67c52' }));
  expect(Math.abs(after.hue - lchOf([166, 124, 82]).hue)).toBeLessThan(6);
  expect(Math.abs(after.lightness - lchOf([120, 120, 120]).lightness)).toBeLessThan(3);
  expect(await colorOf([120, 120, 120], { tint: '#a67c52' })).toEqual([120, 120, 120]);
});

const edge = () => writePng(mediaPath('edge.png'), 64, 16, (x) => (x < 32 ? [60, 60, 60] : [180, 180, 180]));

test('blur makes of an edge the curve of a Gaussian', async () => {
  const image = await adjusted(await edge(), { blur: 4 });
  // One standard deviation from the edge 84 % of the step are behind it, two away 98 %.
  for (const [x, share] of [
    [27.5, 0.159],
    [35.5, 0.841],
    [39.5, 0.977],
  ] as const) {
    const value = (image.at(Math.floor(x), 8)[0] + image.at(Math.ceil(x), 8)[0]) / 2;
    expect(Math.abs((value - 60) / 120 - share)).toBeLessThan(0.03);
  }
});

test('sharpening lifts one side of an edge and lowers the other, and nothing else', async () => {
  const image = await adjusted(await edge(), { sharpen: 50 });
  expect(image.at(31, 8)[0]).toBeLessThan(55);
  expect(image.at(32, 8)[0]).toBeGreaterThan(185);
  expect([image.at(10, 8)[0], image.at(55, 8)[0]]).toEqual([60, 180]);
});

test('transparent parts stay transparent, and the format stays', async () => {
  const file = await writePng(mediaPath('half.png'), 8, 8, (x) => [200, 100, 50, x < 4 ? 0 : 128]);
  const image = await adjusted(file, { contrast: 40, brightness: 20, saturation: -20 });
  expect([image.format, image.at(1, 1)[3], image.at(6, 6)[3]]).toEqual(['png', 0, 128]);
});

describe('more than eight bits and other colors', () => {
  const levels = Uint16Array.from({ length: 24 * 8 * 3 }, (_, at) => 9_000 + ((at * 257 + at * at * 13) % 40_000));
  const deep = async () => {
    const file = mediaPath('deep-p3.png');
    const { icc } = await sharp(await makeP3Jpeg()).metadata();
    const profile = mediaPath('p3.icc');
    await writeFile(profile, icc!);
    await sharp(levels, { raw: { width: 24, height: 8, channels: 3 } })
      .toColourspace('rgb16')
      .withIccProfile(profile)
      .png()
      .toFile(file);
    return file;
  };
  const outputOf = async (file: string, data: object) => {
    const { output } = await runs.run(adjustImageExecutor, data, { image: await runs.assetOf(file) });
    return runs.fileOf(output);
  };
  /** What the file stores, read by ffmpeg, which knows nothing of profiles. */
  const stored = async (file: string) => {
    const args = ['-v', 'error', '-i', file, '-f', 'rawvideo', '-pix_fmt', 'rgb48le', '-'];
    const { stdout } = await promisify(execFile)(installedFfmpeg, args, { encoding: 'buffer' });
    return Array.from({ length: stdout.length / 2 }, (_, at) => stdout.readUInt16LE(at * 2));
  };

  test('stay: contrast moves each of the 16-bit numbers as it should, and the profile is the same', async () => {
    const [before, file] = [await deep(), await outputOf(await deep(), { contrast: -50 })];
    const [own, made] = await Promise.all([sharp(before).metadata(), sharp(file).metadata()]);
    expect([made.depth, made.format, made.icc?.equals(own.icc!)]).toEqual(['ushort', 'png', true]);
    const off = (await stored(file)).map((value, at) =>
      Math.abs(value - (32_767.5 + ((sources[at]! - 32_767.5) * 50) / 100)),
    );
    expect(Math.max(...off)).toBeLessThanOrEqual(1);
  });
  const sources: number[] = [];
  beforeAll(async () => void sources.push(...(await stored(await deep()))));

  test('of a JPEG the profile stays; gray that is tinted gets colors', async () => {
    const p3 = await sharp(await outputOf(await makeP3Jpeg(), { saturation: 20 })).metadata();
    expect([p3.format, p3.icc?.equals((await sharp(await makeP3Jpeg()).metadata()).icc!)]).toEqual(['jpeg', true]);
    const gray = mediaPath('gray.png');
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#808080' } })
      .toColourspace('b-w')
      .png()
      .toFile(gray);
    const [r, , b] = (await adjusted(gray, { tinted: true, tint: '#a67c52' })).at(4, 4);
    expect(r - b).toBeGreaterThan(30);
    expect((await sharp(await outputOf(gray, { contrast: 20 })).metadata()).channels).toBe(1);
  });

  test('CMYK comes out as it looks', async () => {
    const image = await adjusted(await makeCmykJpeg(), { contrast: 1 });
    expect(isClose(image.at(10, 10).slice(0, 3) as unknown as Rgb, quarterColors.topLeft, 40)).toBe(true);
  });
});

test('a value beyond its range, or a word that is no color, is refused by the form', async () => {
  await expect(adjusted(await edge(), { brightness: 101 })).rejects.toThrow(/brightness/);
  await expect(adjusted(await edge(), { tint: 'brown' })).rejects.toThrow(/#rrggbb/);
});
