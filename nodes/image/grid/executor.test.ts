import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { AssetReference, NodeInputs } from '../../../core/node-type/values.ts';
import {
  isClose,
  makeAnimatedGif,
  makeOrientedJpeg,
  makeTransparentPng,
  mediaPath,
  quarterColors,
} from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { rasterOf, writePng, type Raster } from '../../../testing/pixels.ts';
import { gridImagesExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const colors = [
  [200, 0, 0],
  [0, 160, 0],
  [0, 0, 200],
  [90, 90, 0],
  [0, 90, 90],
] as const;
const plain = (index: number, width = 80, height = 60) =>
  writePng(mediaPath(`plain-${index}-${width}.png`), width, height, () => colors[index]!);

async function sheetFile(images: NodeInputs[string], data: object, inputs: NodeInputs = {}): Promise<string> {
  const { output } = await runs.run(gridImagesExecutor, { cellWidth: 80, gap: 10, ...data }, { images, ...inputs });
  return runs.fileOf(output);
}
const sheet = async (...given: Parameters<typeof sheetFile>): Promise<Raster> => rasterOf(await sheetFile(...given));
const five = () => Promise.all(colors.map(async (_color, index) => runs.assetOf(await plain(index))));
const rgb = (image: Raster, x: number, y: number) => image.at(x, y).slice(0, 3);

/** How many pixels of a part of the sheet are darker than half. */
function ink(image: Raster, left: number, top: number, right: number, bottom: number): number {
  let dark = 0;
  for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) dark += image.at(x, y)[0] < 128 ? 1 : 0;
  return dark;
}

test('images lie row by row with the gap between and around them, as square as can be', async () => {
  const image = await sheet(await five(), {});
  // Two columns of 80 with three gaps of 10; three rows of 60 with four.
  expect([image.width, image.height, image.format]).toEqual([190, 220, 'png']);
  for (const [index, color] of colors.entries()) {
    const [x, y] = [10 + (index % 2) * 90, 10 + Math.floor(index / 2) * 70];
    expect([rgb(image, x, y), rgb(image, x + 79, y + 59)]).toEqual([color, color]);
    expect([rgb(image, x - 1, y), rgb(image, x + 80, y), rgb(image, x, y + 60)]).toEqual(
      Array.from({ length: 3 }, () => [255, 255, 255]),
    );
  }
  // The last cell of the last row is empty.
  expect(rgb(image, 140, 180)).toEqual([255, 255, 255]);
});

test('columns, colors, format and single images beside lists are as they are asked for', async () => {
  const [one, ...rest] = await five();
  const image = await sheet([one!, rest], { columns: 5, background: '#102030', format: 'webp', gap: 0 });
  expect([image.width, image.height, image.format]).toEqual([400, 60, 'webp']);
  expect(isClose(rgb(image, 40, 30) as [number, number, number], colors[0])).toBe(true);
  expect(isClose(rgb(image, 360, 30) as [number, number, number], colors[4])).toBe(true);
});

test('images of other shapes are upright, fit inside or fill their cells, and are never enlarged to fit', async () => {
  const [wide, tall, small] = [await plain(0, 160, 40), await makeOrientedJpeg(6), await plain(2, 20, 20)];
  const images = await Promise.all([wide, tall, small].map((file) => runs.assetOf(file)));
  const inside = await sheet(images, { columns: 3, cellHeight: 80 });
  expect([inside.width, inside.height]).toEqual([280, 100]);
  // 160 x 40 becomes 80 x 20 in the middle of its cell; 20 x 20 stays.
  expect([rgb(inside, 50, 39), rgb(inside, 50, 40), rgb(inside, 50, 59), rgb(inside, 50, 60)]).toEqual([
    [255, 255, 255],
    colors[0],
    colors[0],
    [255, 255, 255],
  ]);
  expect([rgb(inside, 230, 50), rgb(inside, 218, 50)]).toEqual([colors[2], [255, 255, 255]]);
  expect(isClose(rgb(inside, 120, 20) as [number, number, number], quarterColors.topLeft)).toBe(true);
  const cover = await sheet(images, { columns: 3, cellHeight: 80, fit: 'cover' });
  expect([rgb(cover, 11, 11), rgb(cover, 88, 88), rgb(cover, 191, 11)]).toEqual([colors[0], colors[0], colors[2]]);
  // Without a height the most upright image decides: 80 x 60 that lies on its side is shown in 80 x 80 and 60 x 80.
  expect((await sheet(images, { columns: 3 })).height).toBe(100);
});

test('labels stand below their images, wrapped and centered, and a row is as high as its highest one', async () => {
  const labels = ['cfg 7', '', 'steps 20, sampler euler, seed 4711'];
  const images = (await five()).slice(0, 4);
  const image = await sheet(images, { columns: 2, labels, textSize: 12, textColor: '#000000' });
  const bare = await sheet(images, { columns: 2 });
  const line = 12 * 1.164;
  // One line in the first row, four in the second, each with 3 pixels above them.
  expect(Math.abs(image.height - (bare.height + 6 + line * 5))).toBeLessThanOrEqual(7);
  expect(ink(image, 0, image.height - 10, image.width, image.height)).toBe(0);
  const below = 10 + 60 + 3;
  expect(ink(image, 10, below, 90, below + 14)).toBeGreaterThan(40);
  expect(ink(image, 100, below, 180, below + 14)).toBe(0);
  const [left, right] = [ink(image, 10, below, 50, below + 14), ink(image, 50, below, 90, below + 14)];
  expect(Math.min(left, right) / Math.max(left, right)).toBeGreaterThan(0.5);
  // Nothing of a long label looks out of its column.
  const second = below + 14 + 10 + 60 + 3;
  expect(ink(image, 0, second, 10, second + 44)).toBe(0);
  expect(ink(image, 90, second, 100, second + 44)).toBe(0);
});

test('labels that are connected, numbers and a title are drawn; a failed image takes its label along', async () => {
  const [one, two, three] = await five();
  const given = { labels: ['HH', 'HH', 'HH'], title: 'Title' };
  const all = await sheet([[one!, null, three!]] as NodeInputs[string], { columns: 3, textColor: '#000000' }, given);
  expect(all.width).toBe(190);
  const plainTwo = await sheet([one!, three!], { columns: 2 });
  expect(all.height).toBeGreaterThan(plainTwo.height + 18 * 1.164 + 27);
  expect(ink(all, 0, 10, 190, 40)).toBeGreaterThan(40);
  const [numbered, same] = [
    await sheet([one!, two!], { numbered: true }),
    await sheet([one!, two!], { labels: ['1', '2'] }),
  ];
  expect(numbered.data.equals(same.data)).toBe(true);
});

test('what is transparent or moves is shown on the background, as its first frame', async () => {
  const images = await Promise.all(
    [await makeTransparentPng(), await makeAnimatedGif([colors[0], colors[1]], 80, 60)].map((file) =>
      runs.assetOf(file),
    ),
  );
  const image = await sheet(images, { background: '#00ff00', columns: 2 });
  expect(rgb(image, 11, 11)).not.toEqual([255, 255, 255]);
  expect(image.at(11, 11)[3]).toBe(255);
  expect(isClose(rgb(image, 140, 40) as [number, number, number], colors[0])).toBe(true);
});

test('the same bytes on each run, and progress to the end', async () => {
  const told: number[] = [];
  const images = await five();
  const files = [await sheetFile(images, { labels: ['a'] }), await sheetFile(images, { labels: ['a'] })];
  expect((await readFile(files[0]!)).equals(await readFile(files[1]!))).toBe(true);
  await runs.run(gridImagesExecutor, {}, { images }, { progress: (percent) => void told.push(percent) });
  expect(told).toEqual([18, 36, 54, 72, 90]);
});

test('what does not fit together is refused in words', async () => {
  const images = await five();
  const refusals: [object, NodeInputs, object][] = [
    [{}, { images: [] as AssetReference[] }, { code: 'INPUT_MISSING' }],
    [{}, { images, labels: ['a', 'b'] }, { code: 'LIST_LENGTHS_DIFFER', details: { lengths: [5, 2] } }],
    [{ labels: 'abcdef'.split('') }, { images }, { code: 'NODE_DATA_INVALID', details: { field: 'labels' } }],
    [{}, { images, title: 'x'.repeat(501) }, { code: 'NODE_DATA_INVALID', details: { field: 'title' } }],
    [{}, { images: Array.from({ length: 401 }, () => images[0]!) }, { code: 'NODE_DATA_INVALID' }],
    [{ cellWidth: 4_096, cellHeight: 4_096, columns: 5 }, { images }, { code: 'IMAGE_TOO_MANY_PIXELS' }],
  ];
  for (const [data, inputs, error] of refusals)
    await expect(runs.run(gridImagesExecutor, data, inputs)).rejects.toMatchObject(error);
});
