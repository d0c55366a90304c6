import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { z } from 'zod';
import { colorAt, pictureTimes, picturesOf, probeFile, samplesOf } from '../../testing/film-facts.ts';
import { ffmpegBuilds } from '../../testing/frame-taker.ts';
import { levelBetween } from '../../testing/loudness.ts';
import { isClose, makeClip, mediaPath, type Rgb } from '../../testing/media.ts';
import { createMedia, type Media } from '../media.ts';
import { videoFromImages } from '../operations/video-from-images.ts';
import { createBinaries } from './binaries.ts';

const { signal } = new AbortController();
let outputs = 0;
const next = () => mediaPath(`slides-${(outputs += 1)}.mp4`);

const red: Rgb = [200, 20, 20];
const green: Rgb = [20, 180, 20];
const blue: Rgb = [20, 20, 200];

async function plain([r, g, b]: Rgb, width = 64, height = 48) {
  const file = mediaPath(`slide-${r}-${g}-${width}x${height}.png`);
  await sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
    .png()
    .toFile(file);
  return { file };
}

/** Lighter from left to right, by another color each time, so that what moves is seen to. */
async function ramp(number: number, width = 64, height = 48) {
  const file = mediaPath(`ramp-${number}.png`);
  const pixels = Buffer.from(
    Array.from({ length: width * height }, (_, at) => {
      const value = 20 + Math.round(((at % width) / width) * 200);
      return [0, 1, 2].map((channel) => (channel === number % 3 ? value : 60 + 20 * number));
    }).flat(),
  );
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(file);
  return { file };
}

/** A high tone of so many seconds. */
const tone = (seconds: number) =>
  makeClip(
    `tone-${seconds}.wav`,
    ...['-f', 'lavfi', '-i', `aevalsrc='0.25*sin(1000*2*PI*t)':s=48000:d=${seconds}`, '-c:a', 'pcm_s16le'],
  );

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;
  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  type Wanted = Omit<z.output<typeof videoFromImages.params>, 'pictures'>;
  async function film(
    pictures: z.output<typeof videoFromImages.params>['pictures'],
    wanted: Partial<Wanted> = {},
  ): Promise<string> {
    const output = next();
    await media.run(videoFromImages, {
      ...{ input: pictures[0]!.file, output, pictures, width: 64, height: 48 },
      ...{ transition: 'none', transitionSeconds: 0.5, motion: 'none', frameRate: 10, audio: null, length: 'images' },
      atOnce: 100,
      ...wanted,
      signal,
    });
    return output;
  }
  /** The color in the middle of each picture. */
  const colorsOf = async (file: string) =>
    (await picturesOf(file, 16, 12)).map((picture) => colorAt(picture, 16, 0.5, 0.5));
  const three = async (seconds: readonly number[]) =>
    Promise.all(
      [red, green, blue].map(async (color, index) => ({ ...(await plain(color)), seconds: seconds[index]! })),
    );

  test('each picture is shown for its time, in its color, and all of them in H.264 that says so', async () => {
    const output = await film(await three([1, 0.5, 0.25]));
    const { streams, format } = await probeFile(output);
    expect(streams).toEqual([
      expect.objectContaining({ codec_name: 'h264', width: 64, height: 48, color_space: 'bt709', pix_fmt: 'yuv420p' }),
    ]);
    expect(Number(format.duration)).toBeCloseTo(1.8, 5);
    const shown = (await colorsOf(output)).map((color) =>
      [red, green, blue].findIndex((own) => isClose(color, own, 8)),
    );
    // 1.75 s is rounded to 18 frames; where pictures begin is rounded, so the last one has three.
    expect(shown.join('')).toBe('000000000011111222');
  });

  test.each(['fade', 'slide', 'black'] as const)(
    '%s takes place while the next one begins, and adds no time',
    async (transition) => {
      const output = await film(await three([1, 1, 1]), { transition, transitionSeconds: 0.4 });
      const pictures = await picturesOf(output, 16, 12);
      expect(pictures).toHaveLength(30);
      const at = (frame: number, x = 0.5) => colorAt(pictures[frame]!, 16, x, 0.5);
      for (const [frame, color] of [
        [0, red],
        [7, red],
        [15, green],
        [17, green],
        [25, blue],
        [29, blue],
      ] as const)
        expect([frame, isClose(at(frame), color, 8)]).toEqual([frame, true]);
      if (transition === 'slide') {
        // The next one comes in from the right, over the one before.
        expect([isClose(at(11, 0.95), green, 12), isClose(at(11, 0.05), red, 12)]).toEqual([true, true]);
      } else if (transition === 'fade') {
        const middle = at(12);
        expect([middle[0] < 150 && middle[0] > 60, middle[1] < 150 && middle[1] > 60]).toEqual([true, true]);
      } else {
        expect(Math.max(...at(9))).toBeLessThan(140);
        expect(Math.max(...at(10))).toBeLessThan(60);
      }
    },
  );

  test.each(['none', 'fade', 'slide', 'black'] as const)(
    'made in groups, with %s, it has the frames that it has when it is made at once',
    async (transition) => {
      const five = await Promise.all(
        [0, 1, 2, 3, 4].map(async (index) => ({ ...(await ramp(index)), seconds: 0.6 + 0.1 * index })),
      );
      const audio = await tone(9);
      const wanted = { transition, transitionSeconds: 0.3, motion: 'varied', audio } as const;
      const [atOnce, inGroups] = [await film(five, wanted), await film(five, { ...wanted, atOnce: 2 })];
      const [one, other] = [await picturesOf(atOnce, 64, 48), await picturesOf(inGroups, 64, 48)];
      expect([one.length, other.length]).toEqual([40, 40]);
      const far = one.map((picture, index) =>
        Math.max(...picture.map((value, at) => Math.abs(value - other[index]![at]!))),
      );
      expect(Math.max(...far)).toBeLessThan(16);
      expect(await pictureTimes(inGroups)).toEqual(await pictureTimes(atOnce));
      const [heard, same] = [await samplesOf(atOnce), await samplesOf(inGroups)];
      expect(Buffer.from(same.buffer).equals(Buffer.from(heard.buffer))).toBe(true);
    },
  );

  test('moved pictures are shown for as long as others', async () => {
    const moved = { motion: 'varied', transition: 'fade', transitionSeconds: 0.2 } as const;
    expect(await colorsOf(await film(await three([0.5, 0.5, 0.5]), moved))).toHaveLength(15);
  });

  test('zoomed in on, what is in the middle grows, and panned over, what is at an edge goes', async () => {
    const file = mediaPath('dot.png');
    const dot = await sharp({ create: { width: 160, height: 120, channels: 3, background: '#ffffff' } })
      .png()
      .toBuffer();
    await sharp({ create: { width: 320, height: 240, channels: 3, background: '#000000' } })
      .composite([{ input: dot }])
      .png()
      .toFile(file);
    const pictures = [{ file, seconds: 1 }];
    const output = await film(pictures, { motion: 'in', width: 320, height: 240 });
    const frames = await picturesOf(output, 320, 240);
    const bright = (picture: Buffer) => picture.filter((value) => value > 128).length / 3;
    const [first, last] = [bright(frames[0]!), bright(frames.at(-1)!)];
    expect(frames).toHaveLength(10);
    // The white square of 160 x 120 is 160 x 1.12 wide at the end.
    expect(Math.abs(first - 160 * 120)).toBeLessThan(800);
    expect(Math.abs(last - 160 * 1.12 * 120 * 1.12)).toBeLessThan(1_200);
  });

  test('a sound fades out with the film, or ends before it; or the pictures share its length', async () => {
    const long = await samplesOf(await film(await three([1, 0.5, 0.5]), { audio: await tone(5) }));
    expect(Math.abs(long.length / 48_000 - 2)).toBeLessThan(0.06);
    const [full, faded] = [levelBetween(long, 0.3, 0.8), levelBetween(long, 1.7, 1.95)];
    expect(full).toBeGreaterThan(0.15);
    expect(faded).toBeLessThan(full / 2);
    const short = await samplesOf(await film(await three([1, 1, 1]), { audio: await tone(1) }));
    expect(levelBetween(short, 1.5, 2.5)).toBeLessThan(0.001);
    const shared = await film(await three([2, 1, 1]), { audio: await tone(2), length: 'audio' });
    const shown = (await colorsOf(shared)).map((color) =>
      [red, green, blue].findIndex((own) => isClose(color, own, 8)),
    );
    expect(shown.join('')).toBe('00000000001111122222');
    expect(levelBetween(await samplesOf(shared), 1.7, 1.95)).toBeCloseTo(full, 1);
  });

  test('the same bytes on each run; too short a picture and too long a film are refused before anything is made', async () => {
    const wanted = { transition: 'fade', motion: 'in' } as const;
    const files = [await film(await three([1, 1, 1]), wanted), await film(await three([1, 1, 1]), wanted)];
    expect((await readFile(files[0]!)).equals(await readFile(files[1]!))).toBe(true);
    await expect(film(await three([1, 0.5, 1]), { transition: 'fade' })).rejects.toMatchObject({
      code: 'NODE_DATA_INVALID',
      message: expect.stringContaining('Image 2 is shown for 0.5 s'),
    });
    await expect(film(await three([1_000, 1_000, 1]))).rejects.toMatchObject({ code: 'VIDEO_TOO_LONG' });
  });
});
