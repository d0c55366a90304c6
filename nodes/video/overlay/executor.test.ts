import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCountingClip, makePicture } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { colorAt, picturesOf } from '../../../testing/film-facts.ts';
import { overlayVideoNode } from './definition.ts';
import { overlayVideoExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

test('image, clip and text lie on a video at once', async () => {
  const video = await runs.assetOf(await makeCountingClip({ seconds: 1 }));
  const inputs = { video, image: await runs.assetOf(await makePicture('png')), clip: video, text: '█' };
  const data = { width: 40, anchor: 'top left', size: 50, outline: 0, vertical: 'middle', color: '#ff00ff' };
  const shares: number[] = [];
  const progress = (percent: number) => void shares.push(percent);
  const { output } = await runs.run(overlayVideoExecutor, data, inputs, { progress });
  expect(output).toMatchObject({ mimeType: 'video/mp4', width: 64, height: 48, durationMs: 1_000 });
  const picture = (await picturesOf(await runs.fileOf(output), 64, 48))[5]!;
  const [red, green, blue] = colorAt(picture, 64, 0.5, 0.5);
  expect([red > 200, green < 60, blue > 200]).toEqual([true, true, true]);
  expect(colorAt(picture, 64, 0.05, 0.05)[0]).toBeGreaterThan(150);
  expect(shares.at(-1)).toBeGreaterThan(50);
});

test('nothing to lay over it is told before a run, and so is a wrong time', () => {
  const check = (data: object, connected: string[] = []) =>
    overlayVideoNode.check!(overlayVideoNode.configSchema.parse(data), new Set(connected)).map(({ field }) => field);
  expect(check({})).toEqual(['text']);
  expect(check({}, ['clip'])).toEqual([]);
  expect(check({ text: 'Hi', from: '3', to: '2' })).toEqual(['to']);
});

test('no video, and an image for a video, are refused', async () => {
  await expect(runs.run(overlayVideoExecutor, { text: 'x' })).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  const image = await runs.assetOf(await makePicture('png'));
  await expect(runs.run(overlayVideoExecutor, {}, { video: image })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
});
