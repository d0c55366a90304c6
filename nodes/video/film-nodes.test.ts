import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCountingClip, makeSound } from '../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../testing/node-runs.ts';
import { addAudioExecutor } from './add-audio/executor.ts';
import { animateExecutor } from './animate/executor.ts';
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
