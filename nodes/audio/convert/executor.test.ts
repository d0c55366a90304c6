import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCountingClip, makeSound } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { convertAudioExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

test('gives the same sound as MP3 in mono', async () => {
  const audio = await runs.assetOf(await makeSound('wav'));
  const { output } = await runs.run(convertAudioExecutor, { channels: 'mono', sampleRate: '22050' }, { audio });
  expect(output).toMatchObject({ mimeType: 'audio/mpeg', sampleRate: 22_050, channels: 1 });
});

test('a video and a missing edge are refused', async () => {
  await expect(
    runs.run(convertAudioExecutor, {}, { audio: await runs.assetOf(await makeCountingClip()) }),
  ).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  await expect(runs.run(convertAudioExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
