import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { colorAt, picturesOf, probeFile } from '../../../testing/film-facts.ts';
import { isClose, makeOrientedJpeg, makePicture, makeSound, quarterColors } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { videoFromImagesExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const small = { shortSide: 64, frameRate: 10, seconds: 0.5, transition: 'none' };
const images = async () =>
  Promise.all([await makePicture('png'), await makeOrientedJpeg(6), await makePicture('avif')].map(runs.assetOf));

test('a list of images of any format becomes a film of its shape, upright', async () => {
  const told: number[] = [];
  const { output } = await runs.run(
    videoFromImagesExecutor,
    { ...small, aspect: '4:3' },
    { images: [await images()], audio: await runs.assetOf(await makeSound('mp3')) },
    { progress: (percent) => void told.push(percent) },
  );
  expect(output).toMatchObject({ mimeType: 'video/mp4', width: 86, height: 64 });
  const file = await runs.fileOf(output);
  expect((await probeFile(file)).streams.map(({ codec_type: type }) => type)).toEqual(['video', 'audio']);
  const pictures = await picturesOf(file, 16, 12);
  expect(pictures).toHaveLength(15);
  for (const frame of [0, 7, 14]) {
    expect(isClose(colorAt(pictures[frame]!, 16, 0.2, 0.2), quarterColors.topLeft)).toBe(true);
    expect(isClose(colorAt(pictures[frame]!, 16, 0.8, 0.8), quarterColors.bottomRight)).toBe(true);
  }
  expect([told[0], told.toSorted((one, other) => one - other)]).toEqual([6, told]);
});

test('each image has the time that is connected for it, also where one before it failed', async () => {
  const [one, , three] = await images();
  const inputs = { images: [one!, null, three!], durations: [0.3, 9, 0.7] };
  const { output } = await runs.run(videoFromImagesExecutor, { ...small, aspect: 'first' }, inputs as never);
  expect(output).toMatchObject({ width: 86, height: 64, durationMs: 1_000 });
});

test('times and images that do not fit together are refused in words', async () => {
  const given = await images();
  for (const [inputs, error] of [
    [{}, { code: 'INPUT_MISSING' }],
    [{ images: given, durations: [1, 2] }, { code: 'LIST_LENGTHS_DIFFER' }],
    [
      { images: given, durations: [1, 0, 1] },
      { code: 'NODE_DATA_INVALID', details: { field: 'durations', found: 0 } },
    ],
    [{ images: Array.from({ length: 201 }, () => given[0]!) }, { code: 'NODE_DATA_INVALID' }],
  ] as const)
    await expect(runs.run(videoFromImagesExecutor, small, inputs as never)).rejects.toMatchObject(error);
});

test.each([
  ['pad', [32, 32, 128]],
  ['cover', quarterColors.topLeft],
  ['blur', quarterColors.topLeft],
] as const)('an image of another shape is fitted by %s', async (mode, corner) => {
  const images = [await runs.assetOf(await makePicture('png', 120, 20))];
  const { output } = await runs.run(
    videoFromImagesExecutor,
    { ...small, mode, background: '#202080', aspect: '1:1' },
    { images },
  );
  const [picture] = await picturesOf(await runs.fileOf(output), 16, 16);
  expect(isClose(colorAt(picture!, 16, 0.1, 0.1), corner, 40)).toBe(true);
});

test('more images than there is memory for are refused before any is read', async () => {
  const image = await runs.assetOf(await makePicture('png'));
  const told: number[] = [];
  const change = { progress: (percent: number) => void told.push(percent) };
  const images = Array.from({ length: 10 }, () => image);
  for (const [data, most] of [
    [{ shortSide: 2_160 }, 5],
    [{ shortSide: 1_080, motion: 'in' }, 8],
  ] as const)
    await expect(runs.run(videoFromImagesExecutor, data, { images }, change)).rejects.toMatchObject({
      code: 'NODE_DATA_INVALID',
      details: { found: 10, most },
    });
  expect(told).toEqual([]);
});
