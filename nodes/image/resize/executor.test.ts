import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import type { NodeInputs } from '../../../core/node-type/values.ts';
import {
  make16BitPng,
  makeP3Jpeg,
  makePhotoJpeg,
  makePicture,
  makeTransparentPng,
  mediaPath,
} from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { rasterOf, writePng, type Raster } from '../../../testing/pixels.ts';
import { resizeImageNode } from './definition.ts';
import { resizeImageExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns({ limits: { maxImagePixels: 4_000_000 } });
});
afterAll(() => runs.stop());

async function resized(file: string, data: object, inputs: NodeInputs = {}): Promise<string> {
  const image = await runs.assetOf(file);
  return runs.fileOf((await runs.run(resizeImageExecutor, data, { image, ...inputs }))['output']);
}

const look = async (file: string, data: object, inputs: NodeInputs = {}): Promise<Raster> =>
  rasterOf(await resized(file, data, inputs));

/** Each pixel says where it is: 10 x its column is red, 10 x its row is green. */
const grid = (width: number, height: number) =>
  writePng(mediaPath(`grid-${width}x${height}.png`), width, height, (x, y) => [x * 10, y * 10, 0]);

test('half the size is the average of four pixels each, by a computation of its own', async () => {
  const image = await look(await grid(20, 10), { mode: 'exact', width: 10, height: 5, kernel: 'cubic' });
  expect([image.width, image.height, image.format]).toEqual([10, 5, 'png']);
  for (let x = 1; x < 9; x += 1) {
    const [red, green] = image.at(x, 2);
    expect(Math.abs(red - (20 * x + 5))).toBeLessThanOrEqual(1);
    expect(Math.abs(green - 45)).toBeLessThanOrEqual(1);
  }
});

test('hard pixels are repeated as they are', async () => {
  const image = await look(await grid(4, 4), { width: 12, enlarge: true, kernel: 'nearest' });
  expect([image.width, image.height]).toEqual([12, 12]);
  for (let x = 0; x < 12; x += 1) expect(image.at(x, 7)).toEqual([Math.floor(x / 3) * 10, 20, 0, 255]);
});

test.each([
  ['left', 0],
  ['center', 5],
  ['right', 10],
] as const)('what fills a square and is cut keeps its %s', async (position, first) => {
  const image = await look(await grid(20, 10), { mode: 'cover', width: 10, height: 10, position, kernel: 'nearest' });
  expect([image.width, image.height]).toEqual([10, 10]);
  expect(image.at(0, 0)).toEqual([first * 10, 0, 0, 255]);
  expect(image.at(9, 9)).toEqual([(first + 9) * 10, 90, 0, 255]);
});

test.each([0, 1] as const)('what catches the eye stays, wherever it is', async (side) => {
  // A gray wall with one saturated, detailed spot.
  const file = await writePng(mediaPath(`busy-${side}.png`), 300, 100, (x, y) => {
    const from = side === 0 ? 10 : 230;
    return x >= from && x < from + 60 && y >= 20 && y < 80
      ? (x + y) % 8 < 4
        ? [230, 20, 20]
        : [250, 200, 40]
      : [128, 128, 128];
  });
  const image = await look(file, { mode: 'cover', width: 100, height: 100, position: 'busy' });
  const spot = image.data.filter((value, at) => at % 4 === 1 && Math.abs(value - 128) > 20).length;
  expect([image.width, image.height]).toEqual([100, 100]);
  expect(spot).toBeGreaterThan(60 * 60 * 0.9);
});

test('a padded image lies on a color, where it was asked for', async () => {
  const image = await look(await makePicture('png', 40, 20), {
    mode: 'pad',
    width: 40,
    height: 40,
    position: 'bottom',
    background: '#102030',
  });
  expect(image.at(5, 19)).toEqual([16, 32, 48, 255]);
  expect(image.at(5, 21)).toEqual([220, 30, 30, 255]);
  expect(image.at(35, 39)).toEqual([220, 220, 30, 255]);
});

test('a transparent background makes a PNG of a JPEG, and of nothing else', async () => {
  const data = { mode: 'pad', width: 40, height: 80, background: '#ff000080' };
  const jpeg = await look(await makePicture('jpeg', 40, 40), data);
  expect([jpeg.format, jpeg.at(20, 2)]).toEqual(['png', [255, 0, 0, 128]]);
  const webp = await look(await makePicture('webp', 40, 40), data);
  expect([webp.format, webp.at(20, 2)[3]]).toEqual(['webp', 128]);
  const opaque = await look(await makePicture('jpeg', 40, 40), { ...data, background: '#ff0000ff' });
  expect(opaque.format).toBe('jpeg');
});

test('blurred behind itself, an image stands sharp in its middle and nothing is empty', async () => {
  const image = await look(await makePicture('png', 90, 160), { mode: 'pad', width: 320, height: 180, fill: 'blur' });
  expect([image.width, image.height]).toEqual([320, 180]);
  // In the middle as it was, at the sides its colors without edges.
  expect(image.at(120, 20)).toEqual([220, 30, 30, 255]);
  expect(image.at(200, 20)).toEqual([30, 200, 30, 255]);
  const [red, green, blue, alpha] = image.at(3, 3);
  expect(alpha).toBe(255);
  expect(red).toBeGreaterThan(Math.max(green, blue));
  const steps = Array.from({ length: 60 }, (_, x) => Math.abs(image.at(x + 1, 90)[0] - image.at(x, 90)[0]));
  expect(Math.max(...steps)).toBeLessThan(8);
});

test('an image with transparent parts keeps them', async () => {
  const image = await look(await makeTransparentPng(80, 60), { width: 40 });
  expect([image.at(5, 5)[3], image.at(35, 5)]).toEqual([0, [220, 30, 30, 255]]);
});

test('depth and profile stay as they were', async () => {
  const deep = await sharp(await resized(await make16BitPng(), { width: 40 })).metadata();
  expect([deep.depth, deep.width]).toEqual(['ushort', 40]);
  const wide = await sharp(await resized(await makeP3Jpeg(), { width: 40 })).metadata();
  expect(wide.icc).toEqual((await sharp(await makeP3Jpeg()).metadata()).icc);
});

test('connected numbers win over the fields, and text that is a number counts', async () => {
  const image = await look(await makePicture('png', 80, 60), { width: 10 }, { width: 40, height: '20' });
  expect([image.width, image.height]).toEqual([27, 20]);
});

test('the same work gives the same bytes', async () => {
  const file = await makePhotoJpeg(900, 600);
  const data = { mode: 'cover', width: 300, height: 500, position: 'busy' };
  expect(
    await sharp(await resized(file, data))
      .raw()
      .toBuffer(),
  ).toEqual(
    await sharp(await resized(file, data))
      .raw()
      .toBuffer(),
  );
  const [one, other] = [await runs.assetOf(await resized(file, data)), await runs.assetOf(await resized(file, data))];
  expect(one.sha256).toBe(other.sha256);
});

describe('what cannot be done is said', () => {
  test('no size', async () => {
    await expect(resized(await makePicture('png'), {})).rejects.toMatchObject({ code: 'NODE_DATA_INVALID' });
    const check = (data: object, connected: string[] = []) =>
      resizeImageNode.check?.(resizeImageNode.configSchema.parse(data), new Set(connected));
    expect(check({})).toEqual([
      { field: 'width', message: 'There is no size to resize to. Enter a width or a height.' },
    ]);
    expect(check({}, ['height'])).toEqual([]);
    expect(check({ width: 5 })).toEqual([]);
  });

  test('a side of nothing that came in', async () => {
    const file = await makePicture('png');
    await expect(resized(file, {}, { width: 0 })).rejects.toMatchObject({
      message: 'The width is 0. Enter more than 0.',
    });
  });

  test('more pixels than an image may have', async () => {
    const data = { width: 3_000, enlarge: true };
    await expect(resized(await makePicture('png', 80, 80), data)).rejects.toMatchObject({
      code: 'IMAGE_TOO_MANY_PIXELS',
    });
  });

  test('nothing connected', async () => {
    await expect(runs.run(resizeImageExecutor, { width: 5 })).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });
});
