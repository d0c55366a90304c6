import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCountingClip, makePicture, makeRotatedClip } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { joinVideosExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

test('joins in the order of the edges, and says by which rule', async () => {
  const videos = [
    await runs.assetOf(await makeCountingClip({ seconds: 1 })),
    await runs.assetOf(await makeRotatedClip()),
    await runs.assetOf(await makeCountingClip({ fps: 30, seconds: 1, audio: true })),
  ];
  const shares: number[] = [];
  const progress = (percent: number) => void shares.push(percent);
  const { output, note } = await runs.run(joinVideosExecutor, { crossfade: 0.2 }, { videos }, { progress });
  expect(output).toMatchObject({ mimeType: 'video/mp4', width: 64, height: 48, durationMs: 2_600 });
  expect(note).toBe(
    [
      '3 parts at 64 × 48, as the first one, and 10 fps, as the first one.',
      'Part 1: silent.',
      'Part 2: padded from 60 × 80, silent.',
      'Part 3: resampled from 30 fps.',
    ].join('\n'),
  );
  expect(shares.at(-1)).toBeGreaterThan(50);
});

test('a picture, nothing and too many parts are refused', async () => {
  const picture = await runs.assetOf(await makePicture('png'));
  await expect(runs.run(joinVideosExecutor, {}, { videos: [picture] })).rejects.toMatchObject({
    code: 'TYPE_MISMATCH',
  });
  await expect(runs.run(joinVideosExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  const video = await runs.assetOf(await makeCountingClip());
  await expect(
    runs.run(joinVideosExecutor, {}, { videos: Array.from({ length: 51 }, () => video) }),
  ).rejects.toMatchObject({ code: 'NODE_DATA_INVALID', message: expect.stringContaining('Join them in groups') });
});
