import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AssetReference, OutputValue } from '../../../core/node-type/values.ts';
import { frameIndexOf, makeClip, makeCountingClip } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { extractFramesExecutor } from './executor.ts';

let runs: NodeRuns;
/** Thirty frames in three seconds; each shows its number. */
let video: AssetReference;
beforeAll(async () => {
  runs = await startNodeRuns();
  video = await runs.assetOf(await makeCountingClip());
});
afterAll(() => runs.stop());

async function framesBy(data: object, from = video) {
  const { output, times } = await runs.run(extractFramesExecutor, data, { video: from });
  const numbers: number[] = [];
  for (const frame of output as OutputValue[]) numbers.push(await frameIndexOf(await runs.fileOf(frame)));
  return { numbers, times };
}

test.each([
  [{ by: 'count', count: 3 }, [5, 15, 25], [0.5, 1.5, 2.5]],
  [{ by: 'count', count: 1 }, [15], [1.5]],
  [{ by: 'interval', seconds: 1 }, [0, 10, 20], [0, 1, 2]],
  [{ by: 'interval', seconds: 60 }, [0], [0]],
  [{ by: 'ends' }, [0, 29], [0, 3]],
])('%j', async (data, numbers, times) => {
  expect(await framesBy(data)).toEqual({ numbers, times });
});

test('scenes begin where the picture changes, and a still one has a single scene', async () => {
  const scene = (color: string, seconds: number) => ['-f', 'lavfi', '-i', `color=c=${color}:s=64x48:r=10:d=${seconds}`];
  const cuts = await runs.assetOf(
    await makeClip(
      'three-scenes.mp4',
      ...[...scene('red', 1), ...scene('white', 0.5), ...scene('blue', 1)],
      ...['-filter_complex', '[0][1][2]concat=n=3', '-pix_fmt', 'yuv420p'],
    ),
  );
  const told: number[] = [];
  const { output, times } = await runs.run(
    extractFramesExecutor,
    { by: 'scenes' },
    { video: cuts },
    { progress: (percent) => void told.push(percent) },
  );
  expect(output).toHaveLength(3);
  expect((times as number[]).map((seconds) => Math.round(seconds * 10) / 10)).toEqual([0, 1, 1.5]);
  expect([told.toSorted((a, b) => a - b), told.at(-1)]).toEqual([told, 100]);
  const still = await runs.assetOf(await makeClip('still.mp4', ...scene('gray', 1), '-pix_fmt', 'yuv420p'));
  expect((await runs.run(extractFramesExecutor, { by: 'scenes' }, { video: still }))['times']).toEqual([0]);
});

test('more frames than can be looked at are refused before any is taken', async () => {
  const long = await runs.assetOf(await makeCountingClip({ seconds: 13 }));
  await expect(framesBy({ by: 'interval', seconds: 0.04 }, long)).rejects.toMatchObject({
    code: 'NODE_DATA_INVALID',
    message: expect.stringContaining('325 frames; up to 300') as unknown,
  });
  await expect(runs.run(extractFramesExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
