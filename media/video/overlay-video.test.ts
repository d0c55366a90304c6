import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import type { textStyleSchema } from '../../core/node-type/text-fields.ts';
import { colorAt, countedFrames, picturesOf, probeFile } from '../../testing/film-facts.ts';
import { ffmpegBuilds } from '../../testing/frame-taker.ts';
import {
  isClose,
  makeClip,
  makeCountingClip,
  makeRotatedClip,
  makeVariableRateClip,
  mediaPath,
  quarterColors,
} from '../../testing/media.ts';
import { writePng } from '../../testing/pixels.ts';
import { createMedia, type Media } from '../media.ts';
import { overlayVideo } from '../operations/overlay-video.ts';
import { createBinaries } from './binaries.ts';

const { signal } = new AbortController();
let outputs = 0;
const next = () => mediaPath(`overlaid-${(outputs += 1)}.mp4`);

/** Two seconds of plain gray at ten frames a second, 80 by 60, with a tone. */
const gray = () =>
  makeClip(
    'gray.mp4',
    ...['-f', 'lavfi', '-i', 'color=0x808080:s=80x60:r=10:d=2', '-f', 'lavfi', '-i', 'sine=d=2'],
    ...['-c:v', 'libx264', '-crf', '5', '-pix_fmt', 'yuv420p', '-c:a', 'aac'],
  );
const plain = (name: string, color: readonly [number, number, number, number]) =>
  writePng(mediaPath(name), 40, 20, () => color);
const red = () => plain('red.png', [255, 0, 0, 255]);

const whole = { from: { kind: 'time', ms: 0 }, to: { kind: 'last' } } as const;
const placed = { anchor: 'bottom right', x: 0, y: 0, width: 50, height: null, opacity: 100 } as const;

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;
  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  type Wanted = Partial<z.output<typeof overlayVideo.params>>;
  async function overlaid(input: string, wanted: Wanted): Promise<string> {
    const output = next();
    const usual = { ...whole, fade: 0, overlay: { image: null, text: null }, clip: null };
    await media.run(overlayVideo, { input, output, ...usual, ...wanted, signal });
    return output;
  }
  const imageOf = (file: string, change: object = {}) => ({
    image: { file, ...placed, rotation: 0, blend: 'normal' as const, ...change },
    text: null,
  });
  const reds = async (file: string, x = 0.75, y = 0.85) =>
    (await picturesOf(file, 80, 60)).map((picture) => isClose(colorAt(picture, 80, x, y), [255, 0, 0]));

  test('an image lies in its place and in its colors, from one moment to another; sound and length stay', async () => {
    const half = { from: { kind: 'time', ms: 500 }, to: { kind: 'fraction', value: 0.75 } } as const;
    const output = await overlaid(await gray(), { ...half, overlay: imageOf(await red()) });
    expect(await reds(output)).toEqual(Array.from({ length: 20 }, (_, index) => index >= 5 && index < 15));
    const picture = (await picturesOf(output, 80, 60))[10]!;
    // 40 by 20 in the corner of 80 by 60.
    for (const [x, y, isRed] of [
      [0.52, 0.7, true],
      [0.98, 0.98, true],
      [0.47, 0.8, false],
      [0.8, 0.62, false],
    ] as const)
      expect([x, y, isClose(colorAt(picture, 80, x, y), isRed ? [255, 0, 0] : [128, 128, 128], 12)]).toEqual([
        x,
        y,
        true,
      ]);
    const { streams } = await probeFile(output);
    expect(streams.map(({ codec_name: codec }) => codec)).toEqual(['h264', 'aac']);
    expect(streams[0]).toMatchObject({ nb_read_frames: '20', avg_frame_rate: '10/1', width: 80, height: 60 });
  });

  test('what is half transparent lets through half, and opacity half of that', async () => {
    const clear = await plain('clear.png', [255, 255, 255, 128]);
    const shown = async (opacity: number) =>
      colorAt(
        (await picturesOf(await overlaid(await gray(), { overlay: imageOf(clear, { opacity }) }), 80, 60))[3]!,
        80,
        0.75,
        0.85,
      )[0];
    expect(Math.abs((await shown(100)) - (128 + 127 * (128 / 255)))).toBeLessThan(6);
    expect(Math.abs((await shown(50)) - (128 + 127 * (64 / 255)))).toBeLessThan(6);
  });

  test('it fades in and out', async () => {
    const span = { from: { kind: 'time', ms: 400 }, to: { kind: 'time', ms: 1_600 }, fade: 0.4 } as const;
    const output = await overlaid(await gray(), {
      ...span,
      overlay: imageOf(await plain('white.png', [255, 255, 255, 255])),
    });
    const levels = (await picturesOf(output, 80, 60)).map((picture) => colorAt(picture, 80, 0.75, 0.85)[0]);
    expect(levels.length).toBe(20);
    expect(levels.slice(0, 4).every((level) => level < 136)).toBe(true);
    expect(levels.slice(4, 9)).toEqual(levels.slice(4, 9).toSorted((one, other) => one - other));
    expect(levels.slice(9, 11).every((level) => level > 250)).toBe(true);
    expect(levels.slice(12, 16)).toEqual(levels.slice(12, 16).toSorted((one, other) => other - one));
    expect([levels[6]! > 160, levels[6]! < 225, levels[17]! < 136]).toEqual([true, true, true]);
  });

  test('a clip runs on it from its moment on, upright, and is gone when it ends', async () => {
    const clip = { ...placed, anchor: 'top left', file: await makeRotatedClip(), width: 45 } as const;
    const output = await overlaid(await gray(), { from: { kind: 'time', ms: 500 }, clip });
    const pictures = await picturesOf(output, 80, 60);
    // A second of quarters, 60 by 80, as 36 by 48.
    const at = (index: number, x: number, y: number) => colorAt(pictures[index]!, 80, x / 80, y / 60);
    expect(isClose(at(10, 8, 10), quarterColors.topLeft)).toBe(true);
    expect(isClose(at(10, 28, 40), quarterColors.bottomRight)).toBe(true);
    expect([3, 17].map((index) => isClose(at(index, 8, 10), [128, 128, 128], 12))).toEqual([true, true]);
    expect(pictures.length).toBe(20);
  });

  test('frames of a clip come at their time, whatever rates both have', async () => {
    const clip = { ...placed, file: await makeCountingClip({ fps: 30, seconds: 1 }), width: 100, height: 100 };
    expect(
      (await countedFrames(await overlaid(await makeCountingClip({ seconds: 1 }), { clip }))).every(
        (frame, index) => Math.abs(frame - index * 3) <= 1,
      ),
    ).toBe(true);
    const variable = await overlaid(await makeVariableRateClip([0, 0.5, 0.7, 1.1]), {
      overlay: imageOf(await red(), { width: 10 }),
    });
    expect((await countedFrames(variable)).slice(0, 4)).toEqual([0, 1, 2, 3]);
  });

  test('a text lies in its box', async () => {
    const style: z.output<typeof textStyleSchema> = {
      ...({ family: 'sans', isBold: true, isItalic: false, size: 0.4, sizing: 'shrink', lineSpacing: 1 } as const),
      ...({ align: 'center', place: 'bottom', color: '#ffffff', outline: 0, outlineColor: '#000000' } as const),
      ...({ background: 'box', backgroundColor: '#0000ff', padding: 0 } as const),
    };
    const text = { text: '██', box: { x: 0, y: 0.5, width: 1, height: 0.5 }, style };
    const output = await overlaid(await gray(), { overlay: { image: null, text } });
    const picture = (await picturesOf(output, 80, 60))[5]!;
    expect(isClose(colorAt(picture, 80, 0.5, 0.8), [255, 255, 255])).toBe(true);
    expect(isClose(colorAt(picture, 80, 0.05, 0.9), [0, 0, 255], 30)).toBe(true);
    expect(isClose(colorAt(picture, 80, 0.5, 0.4), [128, 128, 128], 12)).toBe(true);
  });

  test('the same bytes on each run; an end before the start is refused', async () => {
    const overlay = imageOf(await red());
    const [one, other] = [
      await overlaid(await gray(), { overlay, fade: 0.2 }),
      await overlaid(await gray(), { overlay, fade: 0.2 }),
    ];
    expect((await readFile(one)).equals(await readFile(other))).toBe(true);
    const backward = { from: { kind: 'fraction', value: 0.9 }, to: { kind: 'time', ms: 500 } } as const;
    await expect(overlaid(await gray(), { overlay, ...backward })).rejects.toMatchObject({
      code: 'TIMESTAMP_OUT_OF_RANGE',
      message: 'The overlay ends at 0.50 s, before it begins at 1.80 s. Choose an end after the start.',
    });
  });
});
