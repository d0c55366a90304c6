import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCountingClip, makeSound } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { adjustAudioExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

test('says what it has done', async () => {
  const audio = await runs.assetOf(await makeSound('wav'));
  const { output, note } = await runs.run(adjustAudioExecutor, { loudness: -23, silence: 'ends' }, { audio });
  expect(output).toMatchObject({ mimeType: 'audio/wav', sampleRate: 48_000, channels: 2 });
  expect(note).toMatch(
    /^From -\d+(\.\d+)? to -23 LUFS by -\d+(\.\d+)? dB for all of it\. 1\.0 s of silence were removed\.$/,
  );
  const untouched = await runs.run(adjustAudioExecutor, { leveled: false }, { audio });
  expect(untouched['note']).toBe('The loudness was not measured.');
});

test('a video and a missing edge are refused', async () => {
  await expect(
    runs.run(adjustAudioExecutor, {}, { audio: await runs.assetOf(await makeCountingClip()) }),
  ).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  await expect(runs.run(adjustAudioExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
