import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import {
  colorAt,
  countedFrames,
  loudFrom,
  pictureTimes,
  picturesOf,
  probeFile,
  samplesOf,
} from '../../testing/film-facts.ts';
import { ffmpegBuilds } from '../../testing/frame-taker.ts';
import { levelBetween } from '../../testing/loudness.ts';
import {
  isClose,
  makeClip,
  makeCountingClip,
  makeRotatedClip,
  makeVariableRateClip,
  mediaPath,
  quarterColors,
} from '../../testing/media.ts';
import { createMedia, type Media } from '../media.ts';
import { joinVideos } from '../operations/join-videos.ts';
import { createBinaries } from './binaries.ts';

const { signal } = new AbortController();
let outputs = 0;
const next = () => mediaPath(`joined-${(outputs += 1)}.mp4`);

/** A clip of one color and one tone. */
const plain = (color: string, { seconds = 1, rate = '10', size = '64x48', hertz = 500 } = {}) =>
  makeClip(
    `plain-${color}-${seconds}-${rate.replace('/', '-')}-${size}-${hertz}.mp4`,
    ...['-f', 'lavfi', '-i', `color=0x${color}:s=${size}:r=${rate}:d=${seconds}`],
    ...(hertz === 0 ? [] : ['-f', 'lavfi', '-i', `aevalsrc='0.5*sin(${hertz}*2*PI*t)':s=44100:d=${seconds}`]),
    ...['-c:v', 'libx264', '-crf', '5', '-pix_fmt', 'yuv420p', '-colorspace', 'bt470bg', '-c:a', 'aac'],
  );

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;
  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  type Wanted = Omit<z.output<typeof joinVideos.params>, 'others'>;
  async function join([input, ...others]: string[], wanted: Partial<Wanted> = {}) {
    const output = next();
    const usual = { crossfade: 0, size: 'first', mode: 'pad', background: '#000000', frameRate: null } as const;
    const made = await media.run(joinVideos, { input: input!, output, others, ...usual, ...wanted, signal });
    return { output, made };
  }

  test('every frame of both comes once, at even times, and one without sound is silent for its time', async () => {
    const voice = await plain('808080', { seconds: 1 });
    const { output } = await join([
      await makeCountingClip({ seconds: 1 }),
      voice,
      await makeCountingClip({ seconds: 2 }),
    ]);
    const frames = await countedFrames(output);
    expect(frames.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, index) => index));
    expect(frames.slice(20)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    const times = await pictureTimes(output);
    expect(times.every((time, index) => Math.abs(time - index / 10) < 0.001)).toBe(true);
    const samples = await samplesOf(output);
    expect(Math.abs(loudFrom(samples) - 1)).toBeLessThan(0.03);
    expect(levelBetween(samples, 2.05, 3.95)).toBeLessThan(0.01);
  });

  test('a faster and a slower video take the rate of the first, and no more frames than there is time for', async () => {
    const parts = [
      await makeCountingClip({ fps: 10, seconds: 1 }),
      await makeCountingClip({ fps: 30, seconds: 2 }),
      await makeVariableRateClip([0, 0.5, 0.7, 1.1]),
    ];
    const { output, made } = await join(parts);
    const frames = await countedFrames(output);
    expect([frames.length, made.frames]).toEqual([42, 42]);
    expect(frames.slice(10, 30).every((frame, index) => Math.abs(frame - index * 3) <= 2)).toBe(true);
    expect(frames.slice(30)).toEqual([0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 3]);
    expect((await probeFile(output)).streams[0]).toMatchObject({ avg_frame_rate: '10/1', nb_read_frames: '42' });
  });

  test('a rate that is no whole number stays, without drift', async () => {
    const rate = '30000/1001';
    const { output } = await join([
      await plain('ffffff', { rate, hertz: 0 }),
      await plain('000000', { rate, hertz: 0 }),
      await plain('ffffff', { rate, hertz: 700 }),
    ]);
    const { streams } = await probeFile(output);
    expect(streams[0]).toMatchObject({ avg_frame_rate: rate, nb_read_frames: '90' });
    const samples = await samplesOf(output);
    expect(Math.abs(loudFrom(samples) - (60 * 1_001) / 30_000)).toBeLessThan(0.03);
  });

  test('another shape is padded, cut or blurred into the size of the first, upright', async () => {
    const first = await plain('404040', { size: '80x60', hertz: 0 });
    const phone = await makeRotatedClip();
    const padded = (await join([first, phone], { background: '#ff0000' })).output;
    expect((await probeFile(padded)).streams[0]).toMatchObject({ width: 80, height: 60, sample_aspect_ratio: '1:1' });
    const shown = async (file: string) => (await picturesOf(file, 80, 60))[15]!;
    const picture = await shown(padded);
    // 60 x 80 lies in 80 x 60 as 45 x 60, in the middle.
    expect(isClose(colorAt(picture, 80, 0.05, 0.5), [255, 0, 0])).toBe(true);
    expect(isClose(colorAt(picture, 80, 0.3, 0.2), quarterColors.topLeft)).toBe(true);
    expect(isClose(colorAt(picture, 80, 0.7, 0.8), quarterColors.bottomRight)).toBe(true);
    const cut = await shown((await join([first, phone], { mode: 'cover' })).output);
    expect(isClose(colorAt(cut, 80, 0.05, 0.2), quarterColors.topLeft)).toBe(true);
    const blurred = colorAt(await shown((await join([first, phone], { mode: 'blur' })).output), 80, 0.02, 0.1);
    expect(blurred[0]).toBeGreaterThan(100);
    const large = await join([first, await plain('404040', { size: '160x90', hertz: 0 })], { size: 'largest' });
    expect(large.made).toMatchObject({ width: 160, height: 90 });
  });

  test('a crossfade overlaps pictures and sound by as many frames, in even steps', async () => {
    const parts = [
      await plain('000000', { seconds: 2 }),
      await plain('ffffff', { seconds: 2 }),
      await plain('000000', { seconds: 2 }),
    ];
    const { output, made } = await join(parts, { crossfade: 0.8 });
    expect(made.frames).toBe(44);
    const levels = (await picturesOf(output, 1, 1)).map(([red]) => red!);
    expect(levels.length).toBe(44);
    expect(levels.slice(0, 12).every((level) => level < 8)).toBe(true);
    expect(levels.slice(20, 24).every((level) => level > 247)).toBe(true);
    expect(levels.slice(32).every((level) => level < 8)).toBe(true);
    const fading = levels.slice(12, 20);
    expect(fading).toEqual(fading.toSorted((one, other) => one - other));
    for (const [index, level] of fading.entries()) expect(Math.abs(level - (255 * (index + 0.5)) / 8)).toBeLessThan(24);
    const samples = await samplesOf(output);
    expect(Math.abs(samples.length / 48_000 - 4.4)).toBeLessThan(0.06);
    expect(levelBetween(samples, 1.5, 1.7)).toBeGreaterThan(0.2);
  });

  test('a crossfade of a single frame is heard as it is seen', async () => {
    const parts = [await plain('000000'), await plain('ffffff'), await plain('000000')];
    const { output, made } = await join(parts, { crossfade: 0.04, frameRate: 25 });
    expect(made.frames).toBe(73);
    expect((await probeFile(output)).streams[0]).toMatchObject({ nb_read_frames: '73' });
    const samples = await samplesOf(output);
    expect(Math.abs(samples.length / 48_000 - 73 / 25)).toBeLessThan(0.06);
    for (const joint of [0.98, 1.94])
      expect(levelBetween(samples, joint - 0.1, joint + 0.1)).toBeCloseTo(levelBetween(samples, 0.3, 0.7), 1);
  });

  test('a crossfade without any sound, and the same bytes on each run', async () => {
    const parts = [await makeCountingClip({ seconds: 1 }), await makeCountingClip({ seconds: 2 })];
    const files = [await join(parts, { crossfade: 0.5 }), await join(parts, { crossfade: 0.5 })];
    expect((await probeFile(files[0]!.output)).streams.map(({ codec_type: type }) => type)).toEqual(['video']);
    const [one, other] = [await readFile(files[0]!.output), await readFile(files[1]!.output)];
    expect(one.equals(other)).toBe(true);
    const frames = await countedFrames(files[0]!.output);
    expect(frames.length).toBe(25);
    expect([frames.slice(0, 5), frames.slice(10)]).toEqual([
      [0, 1, 2, 3, 4],
      Array.from({ length: 15 }, (_, index) => index + 5),
    ]);
  });

  test('one video is encoded as it is; a part that is too short for its crossfades is refused', async () => {
    const short = await makeCountingClip({ seconds: 1 });
    const long = await makeCountingClip({ seconds: 2 });
    expect(await countedFrames((await join([short], { crossfade: 5 })).output)).toHaveLength(10);
    await expect(join([long, short, long], { crossfade: 0.5 })).rejects.toMatchObject({
      code: 'TIMESTAMP_OUT_OF_RANGE',
      message: 'Part 2 is 1 s long, too short for crossfades of 0.5 s. Choose a shorter crossfade, or none.',
    });
  });

  test.each(['mkv', 'avi', 'mp4'])('a %s is as long as its pictures, whatever goes on after them', async (kind) => {
    const part = await makeClip(
      `long-sound.${kind}`,
      ...['-f', 'lavfi', '-i', 'color=white:s=64x48:r=10:d=15', '-f', 'lavfi', '-i', 'sine=d=16'],
      ...(kind === 'avi'
        ? ['-c:v', 'mpeg4', '-c:a', 'mp3']
        : ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac']),
    );
    const { output, made } = await join([part, await plain('000000', { seconds: 1 })], { crossfade: 0.5 });
    const times = await pictureTimes(part);
    const frames = Math.round((times.at(-1)! - times[0]! + 0.1) * 10);
    // What makes AVI leaves a frame out for a late sound; the sound goes on until 16 s in all of them.
    expect(Math.abs(frames - 150)).toBeLessThanOrEqual(1);
    expect(made.parts.map((one) => one.frames)).toEqual([frames, 10]);
    expect((await probeFile(output)).streams[0]).toMatchObject({ nb_read_frames: String(frames + 5) });
  });
});
