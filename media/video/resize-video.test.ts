import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { colorAt, picturesOf, pictureTimes, probeFile, samplesOf } from '../../testing/film-facts.ts';
import { ffmpegBuilds } from '../../testing/frame-taker.ts';
import {
  isClose,
  makeClip,
  makeCountingClip,
  makePicture,
  makeRotatedClip,
  makeVariableRateClip,
  mediaPath,
  quarterColors,
  type Rgb,
} from '../../testing/media.ts';
import { createMedia, type Media } from '../media.ts';
import { resizeVideo } from '../operations/resize-video.ts';
import { createBinaries } from './binaries.ts';

const { signal } = new AbortController();
const { topLeft, topRight, bottomLeft, bottomRight } = quarterColors;
const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;
const asItComes = {
  mode: 'fit',
  width: null,
  height: null,
  aspect: null,
  place: 'center',
  background: '#000000',
  frameRate: null,
} as const;
let outputs = 0;

/** Half a second of the quarters, 160 by 90 pixels. */
const makeQuarters = async () =>
  makeClip(
    'quarters.mp4',
    ...['-loop', '1', '-t', '0.5', '-r', '10', '-i', await makePicture('png', 160, 90)],
    ...['-c:v', 'libx264', '-crf', '8', '-pix_fmt', 'yuv444p'],
  );

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;
  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  type Wanted = Partial<Omit<Parameters<typeof resizeVideo.work>[0], 'signal' | 'input' | 'output'>>;
  async function resize(input: string, wanted: Wanted) {
    const output = mediaPath(`resized-${(outputs += 1)}.mp4`);
    const size = await media.run(resizeVideo, { input, output, ...asItComes, ...wanted, signal });
    const { streams } = await probeFile(output);
    expect(streams[0]).toMatchObject({ ...size, codec_name: 'h264', pix_fmt: 'yuv420p', color_space: 'bt709' });
    const [picture] = await picturesOf(output, size.width, size.height);
    return { output, size, streams, at: (x: number, y: number) => colorAt(picture!, size.width, x, y) };
  }
  const expectColor = (actual: Rgb, expected: Rgb, tolerance = 12) =>
    expect([actual, isClose(actual, expected, tolerance)]).toEqual([actual, true]);

  test('fitted it is smaller and shows the same', async () => {
    const { size, at } = await resize(await makeQuarters(), { width: 80 });
    expect(size).toEqual({ width: 80, height: 46 });
    expectColor(at(0.1, 0.1), topLeft);
    expectColor(at(0.9, 0.1), topRight);
    expectColor(at(0.1, 0.9), bottomLeft);
    expectColor(at(0.9, 0.9), bottomRight);
  });

  test('to be filled it is cut where it is told', async () => {
    const left = await resize(await makeQuarters(), { mode: 'cover', aspect: 9 / 16, place: 'left' });
    expect(left.size).toEqual({ width: 50, height: 90 });
    expectColor(left.at(0.9, 0.1), topLeft);
    const right = await resize(await makeQuarters(), { mode: 'cover', aspect: 9 / 16, place: 'right' });
    expectColor(right.at(0.1, 0.1), topRight);
  });

  test('padded it lies in the color, whatever color that is', async () => {
    for (const background of ['#000000', '#20c040'] as const) {
      const { size, at } = await resize(await makeQuarters(), { mode: 'pad', width: 90, aspect: 9 / 16, background });
      expect(size).toEqual({ width: 90, height: 160 });
      expectColor(at(0.5, 0.05), background === '#000000' ? [0, 0, 0] : [0x20, 0xc0, 0x40], 6);
      expectColor(at(0.1, 0.44), topLeft);
      expectColor(at(0.9, 0.56), bottomRight);
    }
  });

  test('with a blurred border the picture stays sharp and what is beside it is made of it', async () => {
    const { at } = await resize(await makeQuarters(), { mode: 'blur', width: 90, height: 160 });
    expectColor(at(0.1, 0.44), topLeft);
    const [red, green, blue] = at(0.1, 0.05);
    expect(red - Math.max(green, blue)).toBeGreaterThan(60);
  });

  test('a turned clip and one whose pixels are no squares come out as they are seen', async () => {
    const turned = await resize(await makeRotatedClip(), {});
    expect(turned.size).toEqual({ width: 60, height: 80 });
    expectColor(turned.at(0.2, 0.2), topLeft);
    expectColor(turned.at(0.8, 0.8), bottomRight);
    const squeezed = fixture('sar-4x3-turn-90.mp4');
    const { width, height } = await media.describe({ file: squeezed, isForeign: true, signal });
    const { streams, size } = await resize(squeezed, {});
    expect(size).toEqual({ width: Math.round(width! / 2) * 2, height: Math.round(height! / 2) * 2 });
    expect(streams[0]!.sample_aspect_ratio).toBe('1:1');
  });

  test('frames keep their times, or come at the rate that is asked for', async () => {
    const clip = await makeVariableRateClip([0, 0.04, 0.5, 0.51, 1]);
    const kept = await resize(clip, { width: 32 });
    const times = await pictureTimes(kept.output);
    for (const [index, time] of [0, 0.04, 0.5, 0.51, 1].entries()) expect(times[index]).toBeCloseTo(time, 3);
    const even = await resize(clip, { width: 32, frameRate: 20 });
    expect(even.streams[0]!.avg_frame_rate).toBe('20/1');
  });

  test('sound comes along', async () => {
    const { output, streams } = await resize(await makeCountingClip({ audio: true }), { width: 32 });
    expect(streams.map(({ codec_name: name }) => name)).toEqual(['h264', 'aac']);
    expect((await samplesOf(output)).length / 48_000).toBeCloseTo(3.4, 1);
  });

  test('HDR is mapped to what screens show', async () => {
    const { at, streams } = await resize(fixture('hdr-pq-58.webm'), {});
    expect(streams[0]!.color_transfer).toBe('bt709');
    // 58 % of PQ, the white of a page, is 188 in Chromium 156.
    expectColor(at(0.5, 0.5), [188, 188, 188], 8);
  });

  test('more pixels than are taken are refused', async () => {
    await expect(resize(await makeQuarters(), { width: 6_000, height: 100, mode: 'cover' })).rejects.toMatchObject({
      code: 'VIDEO_TOO_LARGE',
    });
  });
});
