import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { readTimestamp } from '../../core/node-type/timestamp.ts';
import { colorAt, countedFrames, picturesOf, pictureTimes, probeFile } from '../../testing/film-facts.ts';
import { ffmpegBuilds } from '../../testing/frame-taker.ts';
import { isClose, makeClip, makeCountingClip, mediaPath } from '../../testing/media.ts';
import { rasterOf } from '../../testing/pixels.ts';
import { createMedia, type Media } from '../media.ts';
import { extractFrame } from '../operations/extract-frame.ts';
import { trimVideo } from '../operations/trim-video.ts';
import { createBinaries } from './binaries.ts';

const { signal } = new AbortController();
let outputs = 0;

/** Frames that show their number, the largest that are taken, with frames that refer to later ones. */
const makeLargest = async () =>
  makeClip(
    'counting-4096.mp4',
    ...[
      '-i',
      await makeCountingClip(),
      '-t',
      '0.6',
      '-vf',
      'scale=4096:4096:flags=neighbor,setsar=1',
      '-pix_fmt',
      'yuv444p',
    ],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '8', '-bf', '2'],
  );

/** Half a second of PQ: a quarter on top, and the lower right, as light as 58 % of the signal, on black. */
const makeHdr = () =>
  makeClip(
    'areas-pq-4k.webm',
    ...['-f', 'lavfi', '-i', 'color=black:size=16x16:rate=4:duration=0.5'],
    ...[
      '-vf',
      "format=yuv420p10le,geq=lum='if(lt(Y,4)+gte(Y,12)*gte(X,8),572,64)':cb=512:cr=512,scale=3840:2160:flags=neighbor,setsar=1",
      '-c:v',
      'libvpx-vp9',
      '-profile:v',
      '2',
    ],
    ...['-lossless', '1', '-deadline', 'realtime', '-cpu-used', '8', '-color_primaries', 'bt2020'],
    ...['-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', '-color_range', 'tv'],
  );

// 58 % of PQ, the white of a page, is 188 in Chromium 156.
const [white, black] = [[188, 188, 188] as const, [0, 0, 0] as const];
/** Colors of the areas, at fractions of the width and height. */
const shownPlaces = [
  [0.1, 0.1, white],
  [0.9, 0.2, white],
  [0.5, 0.4, black],
  [0.9, 0.6, black],
  [0.2, 0.9, black],
  [0.9, 0.9, white],
] as const;

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;
  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  async function trim(input: string, from: string, to: string): Promise<string> {
    const output = mediaPath(`large-${(outputs += 1)}.mp4`);
    const range = { from: readTimestamp(from).at!, to: readTimestamp(to).at! };
    await media.run(trimVideo, { input, output, ...range, isEncoded: true, signal });
    return output;
  }

  test('a part of 4096 × 4096 pixels has its frames at their times, and the same bytes each time', async () => {
    const output = await trim(await makeLargest(), '0.1', '0.4');
    expect((await probeFile(output)).streams[0]).toMatchObject({
      ...{ codec_name: 'h264', width: 4_096, height: 4_096, pix_fmt: 'yuv420p', avg_frame_rate: '10/1' },
    });
    expect(await countedFrames(output)).toEqual([1, 2, 3]);
    expect(await pictureTimes(output)).toEqual([0, 0.1, 0.2]);
    const again = await trim(await makeLargest(), '0.1', '0.4');
    expect((await readFile(again)).equals(await readFile(output))).toBe(true);
  });

  test('a frame of HDR in 4K is what screens show', async () => {
    const output = mediaPath(`large-${(outputs += 1)}.png`);
    await media.run(extractFrame, { input: await makeHdr(), output, at: { kind: 'last' }, signal });
    const { width, height, at } = await rasterOf(output);
    expect([width, height]).toEqual([3_840, 2_160]);
    const seen = shownPlaces.map(([x, y, color]) => {
      const [red, green, blue] = at(x * width, y * height);
      return isClose([red, green, blue], color, 8);
    });
    expect(seen).toEqual(shownPlaces.map(() => true));
    expect(existsSync(`${output}.colored.rows`)).toBe(false);
  });

  test('HDR in 4K is mapped to what screens show', async () => {
    const output = await trim(await makeHdr(), '0', '100%');
    expect((await probeFile(output)).streams[0]).toMatchObject({
      width: 3_840,
      height: 2_160,
      color_transfer: 'bt709',
    });
    const pictures = await picturesOf(output, 16, 16);
    expect(pictures).toHaveLength(2);
    expect(await pictureTimes(output)).toEqual([0, 0.25]);
    for (const picture of pictures) {
      const seen = shownPlaces.map(([x, y, color]) => isClose(colorAt(picture, 16, x, y), color, 8));
      expect(seen).toEqual(shownPlaces.map(() => true));
    }
  });
});
