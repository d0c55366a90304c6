import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loudFrom, samplesOf } from '../../../testing/film-facts.ts';
import { levelBetween } from '../../../testing/loudness.ts';
import { makeClip, makeCountingClip, makeSound } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { joinAudioExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const makeTone = (seconds: number, rate: number) =>
  makeClip(
    `tone-${seconds}-${rate}.wav`,
    ...['-f', 'lavfi', '-i', `aevalsrc='0.5*sin(500*2*PI*t)':s=${rate}:d=${seconds}`, '-c:a', 'pcm_s16le'],
  );

test('parts of different rates and channels follow each other in their order', async () => {
  const audio = [await runs.assetOf(await makeTone(1, 22_050)), await runs.assetOf(await makeSound('wav'))];
  const { output } = await runs.run(joinAudioExecutor, {}, { audio });
  expect(output).toMatchObject({ mimeType: 'audio/wav', sampleRate: 48_000, channels: 2, durationMs: 4_000 });
  const samples = await samplesOf(await runs.fileOf(output));
  expect(loudFrom(samples)).toBeLessThan(0.01);
  expect(levelBetween(samples, 1.05, 1.95)).toBeLessThan(0.001);
  expect(levelBetween(samples, 2.05, 3.95)).toBeGreaterThan(0.4);
});

test('a crossfade overlaps them, as loud in its middle as beside it', async () => {
  const audio = [];
  for (const seconds of [2, 1.5, 2]) audio.push(await runs.assetOf(await makeTone(seconds, 48_000)));
  const { output } = await runs.run(joinAudioExecutor, { crossfade: 0.5, format: 'flac' }, { audio });
  expect(output).toMatchObject({ mimeType: 'audio/flac', durationMs: 4_500, channels: 1 });
  const samples = await samplesOf(await runs.fileOf(output));
  expect(levelBetween(samples, 1.7, 1.8)).toBeCloseTo(levelBetween(samples, 0.5, 1), 1);
});

test('in a crossfade both always add up to the whole', async () => {
  const level = (seconds: number) =>
    makeClip(
      `level-${seconds}.wav`,
      ...['-f', 'lavfi', '-i', `aevalsrc=0.5:s=44100:d=${seconds}`, '-c:a', 'pcm_s16le'],
    );
  const audio = [];
  for (const seconds of [1, 0.3, 0.7]) audio.push(await runs.assetOf(await level(seconds)));
  const { output } = await runs.run(joinAudioExecutor, { crossfade: 0.1, format: 'wav' }, { audio });
  const samples = await samplesOf(await runs.fileOf(output), 44_100);
  expect(samples.length).toBe(1.8 * 44_100);
  // Shares of a fade change by a 4,410th from sample to sample.
  expect([samples.reduce((a, b) => Math.min(a, b)), samples.reduce((a, b) => Math.max(a, b))]).toEqual([
    expect.closeTo(0.5, 3),
    expect.closeTo(0.5, 3),
  ]);
});

test('one part is taken as it is; a crossfade that is longer than a part is refused', async () => {
  const short = await runs.assetOf(await makeTone(1, 48_000));
  const alone = await runs.run(joinAudioExecutor, { crossfade: 0.5 }, { audio: [short] });
  expect(alone['output']).toMatchObject({ durationMs: 1_000 });
  const tone = await runs.assetOf(await makeTone(2, 48_000));
  await expect(runs.run(joinAudioExecutor, { crossfade: 0.5 }, { audio: [tone, short, tone] })).rejects.toMatchObject({
    code: 'TIMESTAMP_OUT_OF_RANGE',
    message: 'Part 2 is 1 s long, too short for crossfades of 0.5 s. Choose a shorter crossfade, or none.',
  });
});

test('a video, nothing and too many parts are refused', async () => {
  const video = await runs.assetOf(await makeCountingClip());
  await expect(runs.run(joinAudioExecutor, {}, { audio: [video] })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  await expect(runs.run(joinAudioExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  const tone = await runs.assetOf(await makeTone(1, 48_000));
  await expect(
    runs.run(joinAudioExecutor, {}, { audio: Array.from({ length: 101 }, () => tone) }),
  ).rejects.toMatchObject({ code: 'NODE_DATA_INVALID' });
});
