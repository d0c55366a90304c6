import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { z } from 'zod';
import { countedFrames, loudFrom, probeFile, samplesOf } from '../../testing/film-facts.ts';
import { ffmpegBuilds } from '../../testing/frame-taker.ts';
import { levelBetween } from '../../testing/loudness.ts';
import {
  isClose,
  makeClip,
  makeCountingClip,
  makeRotatedClip,
  mediaPath,
  quarterColors,
  type Rgb,
} from '../../testing/media.ts';
import { createMedia, type Media } from '../media.ts';
import { addAudio } from '../operations/add-audio.ts';
import { animateVideo } from '../operations/animate-video.ts';
import { speedVideo } from '../operations/speed-video.ts';
import { createBinaries } from './binaries.ts';

const { signal } = new AbortController();
let outputs = 0;
const next = () => mediaPath(`film-output-${(outputs += 1)}`);

/** Three seconds of counting frames with a low tone from 1 s to 2 s. */
const makeTalk = async () =>
  makeClip(
    'talk.mp4',
    ...['-i', await makeCountingClip(), '-f', 'lavfi'],
    ...['-i', `aevalsrc='if(between(t,1,2),0.5*sin(300*2*PI*t),0)':s=44100:d=3`],
    ...['-c:v', 'copy', '-c:a', 'aac'],
  );

/** Music that goes on for longer than any clip here: a high tone. */
const makeMusic = () =>
  makeClip('music.wav', ...['-f', 'lavfi', '-i', `aevalsrc='0.25*sin(3150*2*PI*t)':s=48000:d=5`, '-c:a', 'pcm_s16le']);

/** The sound without what has 300 Hz: each sample less the one a period of it before. Of 3,150 Hz that makes twice as much. */
function withoutVoice(samples: Float32Array): Float32Array {
  return samples.map((value, at) => value - (samples[at - 160] ?? 0));
}

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;
  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  async function speed(input: string, factor: number, keepsSound = true): Promise<string> {
    const output = next();
    await media.run(speedVideo, { input, output, factor, keepsSound, signal });
    return output;
  }

  test('twice as fast every second frame is left, and the sound is heard in half the time', async () => {
    const output = await speed(await makeTalk(), 2);
    const frames = await countedFrames(output);
    expect(frames.length).toBe(15);
    expect(frames.every((frame, index) => Math.abs(frame - 2 * index) <= 1)).toBe(true);
    const samples = await samplesOf(output);
    expect(Math.abs(samples.length / 48_000 - 1.5)).toBeLessThan(0.1);
    expect(Math.abs(loudFrom(samples) - 0.5)).toBeLessThan(0.06);
  });

  test('a quarter as fast frames are repeated; without its sound there is none', async () => {
    const output = await speed(await makeTalk(), 0.25, false);
    // Versions differ in how long the last frame is held.
    expect(Math.abs((await countedFrames(output)).length - 118)).toBeLessThanOrEqual(2);
    expect((await probeFile(output)).streams.map(({ codec_type: type }) => type)).toEqual(['video']);
  });

  type Wanted = Omit<z.output<typeof addAudio.params>, 'audio'>;
  async function add(input: string, wanted: Partial<Wanted>): Promise<Float32Array> {
    const output = next();
    const common = { mode: 'replace', isDucked: false, gain: 0, startsAt: 0 } as const;
    await media.run(addAudio, { input, output, audio: await makeMusic(), ...common, ...wanted, signal });
    expect(await countedFrames(output)).toEqual(Array.from({ length: 30 }, (_, index) => index));
    const samples = await samplesOf(output);
    expect(Math.abs(samples.length / 48_000 - 3)).toBeLessThan(0.06);
    return samples;
  }

  test('a sound takes the place of that of the video, from when it is told, and the frames stay', async () => {
    const samples = await add(await makeTalk(), { startsAt: 0.5 });
    expect(Math.abs(loudFrom(samples) - 0.5)).toBeLessThan(0.01);
    expect(levelBetween(samples, 1.2, 1.8)).toBeCloseTo(levelBetween(samples, 2.2, 2.8), 2);
  });

  test('a video without sound gets one', async () => {
    expect(
      levelBetween(await add(await makeCountingClip(), { mode: 'mix', isDucked: true }), 0.5, 2.5),
    ).toBeGreaterThan(0.1);
  });

  test('mixed both are heard as loud as they are', async () => {
    const samples = await add(await makeTalk(), { mode: 'mix' });
    expect(levelBetween(samples, 0.3, 0.9)).toBeCloseTo(0.25 / Math.SQRT2, 2);
    expect(levelBetween(samples, 1.2, 1.8)).toBeCloseTo(Math.hypot(0.5, 0.25) / Math.SQRT2, 1);
  });

  test('ducked it goes down under the voice and comes back', async () => {
    const samples = withoutVoice(await add(await makeTalk(), { mode: 'mix', isDucked: true }));
    const [before, under, after] = [
      levelBetween(samples, 0.3, 0.9),
      levelBetween(samples, 1.3, 1.9),
      levelBetween(samples, 2.6, 2.9),
    ];
    expect(under).toBeLessThan(before / 2);
    expect(after).toBeGreaterThan(before * 0.8);
  });

  test.each(['gif', 'webp'] as const)('as %s it moves, upright and in its colors', async (format) => {
    const output = next();
    const wanted = { format, width: 30, frameRate: 5, isLooped: true };
    const made = await media.run(animateVideo, { input: await makeRotatedClip(), output, ...wanted, signal });
    expect(made).toMatchObject({ width: 30, height: 40, frames: 5 });
    const { pages, width, pageHeight, loop } = await sharp(output, { animated: true }).metadata();
    // Frames that are the same as the one before may be one.
    expect([width, pageHeight ?? 40, (pages ?? 1) <= 5, loop ?? 0]).toEqual([30, 40, true, 0]);
    const { data, info } = await sharp(output).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number): Rgb => {
      const offset = (y * info.width + x) * info.channels;
      return [data[offset]!, data[offset + 1]!, data[offset + 2]!];
    };
    expect(isClose(at(5, 5), quarterColors.topLeft)).toBe(true);
    expect(isClose(at(25, 35), quarterColors.bottomRight)).toBe(true);
  });

  test('an animation has the frames of its rate, the same on each run', async () => {
    const files = [next(), next()];
    for (const output of files) {
      const wanted = { format: 'gif', width: 64, frameRate: 5, isLooped: false } as const;
      await media.run(animateVideo, { input: await makeCountingClip(), output, ...wanted, signal });
    }
    expect((await sharp(files[0], { animated: true }).metadata()).pages).toBe(15);
    expect((await readFile(files[0]!)).equals(await readFile(files[1]!))).toBe(true);
  });

  test('an animation of too many pixels is refused before it is made', async () => {
    const strict = createMedia({ binaries: createBinaries(settings), limits: { maxAnimationPixels: 10_000 } });
    const wanted = { format: 'gif', width: 64, frameRate: 5, isLooped: true } as const;
    await expect(
      strict.run(animateVideo, { input: await makeCountingClip(), output: next(), ...wanted, signal }),
    ).rejects.toMatchObject({
      code: 'IMAGE_TOO_MANY_PIXELS',
      message: expect.stringContaining('Trim the video first'),
    });
    await strict.stop();
  });
});
