import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import {
  isClose,
  makeCountingClip,
  makeOrientedJpeg,
  makePicture,
  makeSound,
  makeTransparentPng,
  quarterColors,
} from '../../testing/media.ts';
import { samplesOf } from '../../testing/film-facts.ts';
import { startNodeRuns, type NodeRuns } from '../../testing/node-runs.ts';
import { addAudioExecutor } from './add-audio/executor.ts';
import { animateExecutor } from './animate/executor.ts';
import { extractAudioExecutor } from './extract-audio/executor.ts';
import { speedVideoExecutor } from './speed/executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

test('speedVideo, addAudio and animate give files of their kind', async () => {
  const video = await runs.assetOf(await makeCountingClip({ audio: true }));
  const audio = await runs.assetOf(await makeSound('mp3'));
  const fast = await runs.run(speedVideoExecutor, { factor: 2 }, { video });
  expect(fast['output']).toMatchObject({ mimeType: 'video/mp4', width: 64, height: 48 });
  const scored = await runs.run(addAudioExecutor, {}, { video, audio });
  expect(scored['output']).toMatchObject({ mimeType: 'video/mp4' });
  const webp = await runs.run(animateExecutor, { format: 'webp', width: 32 }, { video });
  expect(webp['output']).toMatchObject({ mimeType: 'image/webp', width: 32, height: 24 });
});

test.each(['gif', 'webp'])(
  'images become a %s that shows each for its time, as large as the first one',
  async (format) => {
    const images = await Promise.all(
      [await makePicture('png'), await makeTransparentPng(), await makeOrientedJpeg(6)].map(runs.assetOf),
    );
    const { output } = await runs.run(animateExecutor, { format, width: 40, seconds: 0.3 }, { images: [images] });
    expect(output).toMatchObject({ mimeType: `image/${format}`, width: 40, height: 30 });
    const file = await runs.fileOf(output);
    const { delay, loop } = await sharp(file, { animated: true }).metadata();
    expect([delay, loop]).toEqual([[300, 300, 300], 0]);
    const frame = async (page: number, x: number, y: number) => {
      const { data, info } = await sharp(file, { page }).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
      return [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)];
    };
    expect(isClose((await frame(0, 5, 5)).slice(0, 3) as never, quarterColors.topLeft)).toBe(true);
    // Half of the second one is not there, which is white in a GIF; the third is as upright as the first, 40 x 30 within it.
    const [left, right] = [await frame(1, 5, 15), await frame(1, 35, 15)];
    if (format === 'webp') expect(left[3]).toBe(0);
    else expect([isClose(left.slice(0, 3) as never, [255, 255, 255]), left[3]]).toEqual([true, 255]);
    expect(isClose(right.slice(0, 3) as never, [220, 30, 30])).toBe(true);
    expect(isClose((await frame(2, 35, 25)).slice(0, 3) as never, quarterColors.bottomRight)).toBe(true);
  },
);

test('extractAudio gives the track as it is or in another format, and says where there is none', async () => {
  const video = await runs.assetOf(await makeCountingClip({ audio: true }));
  const { output } = await runs.run(extractAudioExecutor, {}, { video });
  expect(output).toMatchObject({ mimeType: 'audio/mp4' });
  const wav = await runs.run(extractAudioExecutor, { format: 'wav' }, { video });
  expect(wav['output']).toMatchObject({ mimeType: 'audio/wav' });
  const [kept, decoded] = [
    await samplesOf(await runs.fileOf(output)),
    await samplesOf(await runs.fileOf(wav['output'])),
  ];
  const off = kept.slice(0, 20_000).reduce((most, value, at) => Math.max(most, Math.abs(value - decoded[at]!)), 0);
  expect(off).toBeLessThan(0.01);
  const silent = await runs.assetOf(await makeCountingClip());
  await expect(runs.run(extractAudioExecutor, {}, { video: silent })).rejects.toThrow(/no (?:sound|audio)/i);
  await expect(runs.run(extractAudioExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});

test('animate takes a video or images, not both', async () => {
  const images = [await runs.assetOf(await makePicture('png'))];
  const video = await runs.assetOf(await makeCountingClip());
  await expect(runs.run(animateExecutor, {}, { video, images })).rejects.toMatchObject({ code: 'NODE_DATA_INVALID' });
  await expect(runs.run(animateExecutor, {}, { images: [] })).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});

test.each([speedVideoExecutor, addAudioExecutor, animateExecutor])('$type needs a video', async (executor) => {
  await expect(runs.run(executor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});

test('addAudio needs a sound as well', async () => {
  const video = await runs.assetOf(await makeCountingClip());
  await expect(runs.run(addAudioExecutor, {}, { video })).rejects.toMatchObject({
    code: 'INPUT_MISSING',
    message: expect.stringContaining('"audio"'),
  });
});
