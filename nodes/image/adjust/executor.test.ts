import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mediaPath, makePicture, type Rgb } from '../../../testing/media.ts';
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

test('a value beyond its range, or a word that is no color, is refused by the form', async () => {
  await expect(adjusted(await edge(), { brightness: 101 })).rejects.toThrow(/brightness/);
  await expect(adjusted(await edge(), { tint: 'brown' })).rejects.toThrow(/#rrggbb/);
});
