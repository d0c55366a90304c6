import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { colorAt, picturesOf, probeFile } from '../../../testing/film-facts.ts';
import sharp from 'sharp';
import { isClose, makeOrientedJpeg, makePicture, makeSound, mediaPath, quarterColors } from '../../../testing/media.ts';
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
    [{ images: Array.from({ length: 1_001 }, () => given[0]!) }, { code: 'NODE_DATA_INVALID' }],
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

test('hundreds of images become a film in groups of a few, whose pictures are all there in order', async () => {
  // Grays that tell where a picture is: each twenty lighter than the one before it, around and around.
  const shades = Array.from({ length: 12 }, (_, index) => index * 20 + 10);
  const images = await Promise.all(shades.map((shade) => plainImage(shade)));
  const many = Array.from({ length: 120 }, (_, index) => images[index % images.length]!);
  const inputs = { images: [many] };
  const data = { ...small, seconds: 0.2, transition: 'fade', transitionSeconds: 0.1, motion: 'none', shortSide: 64 };
  const { output } = await runs.run(videoFromImagesExecutor, data, inputs as never);
  expect(output).toMatchObject({ durationMs: 24_000 });
  const pictures = await picturesOf(await runs.fileOf(output), 16, 12);
  expect(pictures).toHaveLength(240);
  // Of each image the first frame is the transition, the second one the image itself.
  const seen = many.map((_, index) => colorAt(pictures[index * 2 + 1]!, 16, 0.5, 0.5)[0]);
  expect(seen.filter((shade, index) => Math.abs(shade - shades[index % shades.length]!) > 8)).toEqual([]);
});

async function plainImage(shade: number) {
  const file = mediaPath(`shade-${shade}.png`);
  await sharp({ create: { width: 64, height: 48, channels: 3, background: { r: shade, g: shade, b: shade } } })
    .png()
    .toFile(file);
  return runs.assetOf(file);
}
