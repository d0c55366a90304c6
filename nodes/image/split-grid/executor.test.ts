import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AssetReference } from '../../../core/node-type/values.ts';
import { isClose, makeOrientedJpeg, makePicture, pixelAt, quarterColors } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { splitGridExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

async function tilesOf(file: string, data: object) {
  const { output } = await runs.run(splitGridExecutor, data, { image: await runs.assetOf(file) });
  return output as AssetReference[];
}

test.each([
  ['png', () => makePicture('png')],
  // Lies on its side in the file.
  ['jpeg', () => makeOrientedJpeg(6)],
] as const)('the tiles of a %s come row by row, upright', async (format, make) => {
  const tiles = await tilesOf(await make(), {});
  expect(tiles.map(({ mimeType, width, height }) => [mimeType, width, height])).toEqual(
    Array.from({ length: 4 }, () => [`image/${format}`, 40, 30]),
  );
  const { topLeft, topRight, bottomLeft, bottomRight } = quarterColors;
  for (const [index, color] of [topLeft, topRight, bottomLeft, bottomRight].entries())
    expect(isClose(await pixelAt(await runs.fileOf(tiles[index]), 20, 15), color)).toBe(true);
});

test('every pixel is in one tile, also where sides cannot be divided', async () => {
  const told: number[] = [];
  const image = await runs.assetOf(await makePicture('png', 80, 60));
  const { output } = await runs.run(
    splitGridExecutor,
    { columns: 3, rows: 7 },
    { image },
    { progress: (percent) => void told.push(percent) },
  );
  const tiles = output as AssetReference[];
  expect(tiles.slice(0, 3).map(({ width }) => width)).toEqual([27, 26, 27]);
  expect(tiles.filter((_tile, index) => index % 3 === 0).reduce((sum, { height }) => sum + height!, 0)).toBe(60);
  expect([tiles.length, told.at(-1)]).toEqual([21, 100]);
});

test('more tiles than pixels are refused', async () => {
  await expect(tilesOf(await makePicture('png', 8, 2), { rows: 3 })).rejects.toMatchObject({
    code: 'NODE_DATA_INVALID',
    details: { field: 'rows' },
  });
  await expect(runs.run(splitGridExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
