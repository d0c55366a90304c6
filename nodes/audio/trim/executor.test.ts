import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCountingClip, makeSound } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { trimAudioExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

test('gives the part in the format that it came in', async () => {
  const audio = await runs.assetOf(await makeSound('flac'));
  const { output } = await runs.run(trimAudioExecutor, { from: '50%', to: '2' }, { audio });
  expect(output).toMatchObject({ mimeType: 'audio/flac', durationMs: 500, sampleRate: 48_000, channels: 2 });
});

test('what is connected wins over the fields, also as numbers', async () => {
  const audio = await runs.assetOf(await makeSound('wav'));
  const { output } = await runs.run(trimAudioExecutor, { from: '9', to: '1' }, { audio, from: 0.5, to: '0:01.25' });
  expect(output).toMatchObject({ durationMs: 750 });
  await expect(runs.run(trimAudioExecutor, {}, { audio, from: 'soon' })).rejects.toMatchObject({
    code: 'TIMESTAMP_INVALID',
  });
});

test('a video and a missing edge are refused', async () => {
  await expect(
    runs.run(trimAudioExecutor, {}, { audio: await runs.assetOf(await makeCountingClip()) }),
  ).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  await expect(runs.run(trimAudioExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
