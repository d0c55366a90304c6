import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCountingClip } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { resizeVideoExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

test('makes a video upright with a blurred border; a connected width wins', async () => {
  const video = await runs.assetOf(await makeCountingClip());
  const shares: number[] = [];
  const progress = (percent: number) => void shares.push(percent);
  const { output } = await runs.run(resizeVideoExecutor, { width: 500 }, { video, width: 72 }, { progress });
  expect(output).toMatchObject({ mimeType: 'video/mp4', width: 72, height: 128, durationMs: 3_000 });
  expect(shares.at(-1)).toBeGreaterThan(50);
});

test('a side that cannot be, a picture and a missing edge are refused', async () => {
  await expect(runs.run(resizeVideoExecutor, {}, { width: 1.5 })).rejects.toMatchObject({
    code: 'NODE_DATA_INVALID',
    message: 'The width is 1.5. Give a whole number of pixels, 2 or more.',
  });
  await expect(runs.run(resizeVideoExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
