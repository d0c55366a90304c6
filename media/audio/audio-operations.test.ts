import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { readTimestamp } from '../../core/node-type/timestamp.ts';
import { loudFrom, probeFile, samplesOf } from '../../testing/film-facts.ts';
import { ffmpegBuilds } from '../../testing/frame-taker.ts';
import { levelBetween, meterLoudness } from '../../testing/loudness.ts';
import { makeClip, makeSound, mediaPath, type SoundFormat } from '../../testing/media.ts';
import { createMedia, type Media } from '../media.ts';
import { adjustAudio } from '../operations/adjust-audio.ts';
import { convertAudio } from '../operations/convert-audio.ts';
import { trimAudio } from '../operations/trim-audio.ts';
import { createBinaries } from '../video/binaries.ts';

const { signal } = new AbortController();
const asItIs = { format: 'original', bitRate: 160_000 } as const;
let outputs = 0;
const next = () => mediaPath(`sound-output-${(outputs += 1)}`);

/** Four seconds at 44,100 Hz whose every sample tells its number: a ramp of 16 bits, again and again. */
const makeRamp = () =>
  makeClip('ramp.wav', ...['-f', 'lavfi', '-i', `aevalsrc='(mod(n,1000)-500)/1000':s=44100:d=4`, '-c:a', 'pcm_s16le']);

/** Seven seconds: silence, a tone, silence from 3 s to 5 s, a tone, silence in the last second. */
const makeSpeech = () =>
  makeClip(
    'speech.wav',
    ...['-f', 'lavfi', '-i', `aevalsrc='if(between(t,1,3)+between(t,5,6),0.1*sin(997*2*PI*t),0)':s=48000:d=7`],
    ...['-c:a', 'pcm_s16le'],
  );

/** Twelve seconds of noise in two loudnesses, with a crack that leaves no room above it. */
const makeUneven = (crack: number) =>
  makeClip(
    `uneven-${crack}.wav`,
    ...[
      '-f',
      'lavfi',
      '-i',
      `aevalsrc='if(between(t,6,6.01),${crack},0.1*(1+0.3*sin(t)))*sin(440*2*PI*t)':s=48000:d=12`,
    ],
    ...['-c:a', 'pcm_s16le'],
  );

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;
  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  async function trim(input: string, from: string, to: string) {
    const output = next();
    const range = { from: readTimestamp(from).at!, to: readTimestamp(to).at! };
    return { ...(await media.run(trimAudio, { input, output, ...range, ...asItIs, signal })), output };
  }

  test.each([
    ['0', '100%', 0, 176_400],
    ['1', '2.5', 44_100, 110_250],
    ['0.00001', '0.001', 0, 44],
    ['25%', '50%', 44_100, 88_200],
  ])('a WAV from %s to %s has the samples %i up to %i, each as it was', async (from, to, first, end) => {
    const source = await samplesOf(await makeRamp(), 44_100);
    const { output, extension } = await trim(await makeRamp(), from, to);
    expect(extension).toBe('wav');
    expect((await samplesOf(output, 44_100)).join()).toBe(source.subarray(first, end).join());
  });

  test.each<[SoundFormat, string]>([
    ['mp3', 'mp3'],
    ['m4a', 'm4a'],
    ['ogg', 'opus'],
    ['opus', 'opus'],
    ['flac', 'flac'],
    ['webm', 'opus'],
  ])('a sound in %s is cut where it is heard, and stays %s', async (format, extension) => {
    const found = await trim(await makeSound(format), '0.75', '2.25');
    expect(found.extension).toBe(extension);
    const samples = await samplesOf(found.output);
    expect(Math.abs(loudFrom(samples) - 0.25)).toBeLessThan(0.03);
    expect(Math.abs(samples.length / 48_000 - 1.5)).toBeLessThan(0.06);
  });

  test('a part that is none is refused', async () => {
    const [wav, code] = [await makeRamp(), 'TIMESTAMP_OUT_OF_RANGE'];
    await expect(trim(wav, '2', '1')).rejects.toMatchObject({
      code,
      message: expect.stringContaining('Nothing is left'),
    });
    await expect(trim(wav, '0', '9')).rejects.toMatchObject({
      code,
      message: 'The audio file ends at 4 s, so there is nothing at 9 s. Choose a moment before that.',
    });
  });

  test.each([
    ['mp3', 'mp3', '44100'],
    ['aac', 'aac', '44100'],
    ['opus', 'opus', '48000'],
    ['flac', 'flac', '44100'],
    ['wav', 'pcm_s16le', '44100'],
  ] as const)('converted to %s it is %s, in mono', async (format, codec, rate) => {
    const output = next();
    const shape = { channels: 1, sampleRate: 44_100 };
    const input = await makeSound('wav');
    const written = await media.run(convertAudio, { input, output, ...asItIs, ...shape, format, signal });
    expect(written).toMatchObject({ channels: 1, sampleRate: Number(rate) });
    expect((await probeFile(output)).streams[0]).toMatchObject({ codec_name: codec, sample_rate: rate, channels: 1 });
    const samples = await samplesOf(output);
    expect(Math.abs(loudFrom(samples) - 1)).toBeLessThan(0.03);
    // ffmpeg's AAC takes a little off so pure a tone.
    expect(Math.abs(levelBetween(samples, 1.2, 2.8) - 0.8 / Math.SQRT2)).toBeLessThan(0.15);
  });

  test('the same work gives the same bytes', async () => {
    for (const format of ['mp3', 'aac', 'opus', 'flac', 'wav'] as const) {
      const shape = { channels: null, sampleRate: null };
      const [one, other] = [next(), next()];
      for (const output of [one, other]) {
        const input = await makeSound('flac');
        await media.run(convertAudio, { input, output, ...asItIs, ...shape, format, signal });
      }
      expect([format, (await readFile(one)).equals(await readFile(other))]).toEqual([format, true]);
    }
  });

  type Wanted = z.output<typeof adjustAudio.params>;
  const nothing: Wanted = {
    loudness: null,
    maxPeak: -1,
    gain: 0,
    fadeIn: 0,
    fadeOut: 0,
    silence: 'keep',
    threshold: -50,
    pause: 0.5,
    format: 'wav',
    bitRate: 160_000,
  };
  async function adjust(input: string, wanted: Partial<Wanted>) {
    const output = next();
    return { ...(await media.run(adjustAudio, { input, output, ...nothing, ...wanted, signal })), output };
  }

  test.each([-30, -20])('a loudness of %i LUFS is met by one gain, by another meter', async (loudness) => {
    const { output, leveling } = await adjust(await makeUneven(0), { loudness });
    expect(leveling.kind).toBe('gain');
    expect(Math.abs((await meterLoudness(output)).integrated - loudness)).toBeLessThan(0.35);
    expect((await probeFile(output)).streams[0]!.sample_rate).toBe('48000');
  });

  test('where the peaks leave no room they are held down', async () => {
    const { output, leveling } = await adjust(await makeUneven(0.9), { loudness: -14, maxPeak: -2 });
    expect(leveling.kind).toBe('limited');
    const { integrated, peak } = await meterLoudness(output);
    expect(Math.abs(integrated + 14)).toBeLessThan(1);
    expect(peak).toBeLessThan(-1.8);
    expect((await probeFile(output)).streams[0]!.sample_rate).toBe('48000');
  });

  test('a sound that is too short to have a loudness stays as it is', async () => {
    const { output } = await trim(await makeUneven(0), '1', '1.2');
    expect((await adjust(output, { loudness: -10 })).leveling).toEqual({ kind: 'too-short' });
  });

  test('a gain and fades are heard', async () => {
    const original = await samplesOf(await makeUneven(0));
    const samples = await samplesOf((await adjust(await makeUneven(0), { gain: 6, fadeIn: 2, fadeOut: 2 })).output);
    expect(levelBetween(samples, 5, 5.5) / levelBetween(original, 5, 5.5)).toBeCloseTo(10 ** (6 / 20), 1);
    // Half way up, 6 dB are half of it again.
    expect(levelBetween(samples, 0.9, 1.1) / levelBetween(original, 0.9, 1.1)).toBeCloseTo(1, 1);
    expect(levelBetween(samples, 0, 0.02)).toBeLessThan(0.005);
    expect(levelBetween(samples, 11.98, 12)).toBeLessThan(0.005);
  });

  test('silence goes at both ends, exactly', async () => {
    const { output, removedSeconds } = await adjust(await makeSpeech(), { silence: 'ends' });
    const samples = await samplesOf(output);
    // A tone of 997 Hz takes a few samples until it is over the threshold.
    expect(Math.abs(samples.length / 48_000 - 5)).toBeLessThan(0.002);
    expect(removedSeconds).toBeCloseTo(2, 2);
    expect(levelBetween(samples, 2.1, 3.9)).toBe(0);
  });

  test('pauses are shortened, and a fade still ends with the sound', async () => {
    const { output } = await adjust(await makeSpeech(), { silence: 'pauses', pause: 0.4, fadeOut: 0.5 });
    const samples = await samplesOf(output);
    expect(Math.abs(samples.length / 48_000 - 3.4)).toBeLessThan(0.1);
    expect(levelBetween(samples, 2.5, 2.8)).toBeGreaterThan(0.05);
    expect(levelBetween(samples, samples.length / 48_000 - 0.02, samples.length / 48_000)).toBeLessThan(0.01);
  });

  test('nothing but silence stays as it is', async () => {
    const silent = await makeClip('silent.wav', ...['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=mono', '-t', '1']);
    const { output } = await adjust(silent, { silence: 'ends', loudness: -16 });
    expect((await samplesOf(output)).length).toBe(48_000);
  });
});
