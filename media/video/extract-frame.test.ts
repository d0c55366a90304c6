import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { anyBuild, createFrameTaker, ffmpegBuilds } from '../../testing/frame-taker.ts';
import {
  frameIndexOf,
  isClose,
  makeClip,
  makeCountingClip,
  makeRotatedClip,
  makeVariableRateClip,
  mediaPath,
  pixelAt,
  quarterColors,
} from '../../testing/media.ts';
import { createMedia, type Media } from '../media.ts';
import { extractFrame } from '../operations/extract-frame.ts';
import { createBinaries } from './binaries.ts';
import type { FramePosition } from './extract-frame.ts';

const { signal } = new AbortController();
let outputs = 0;

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  const frames = createFrameTaker(settings);
  let media: Media;

  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });

  afterAll(() => media.stop());

  async function frameOf(input: string, at: FramePosition): Promise<string> {
    const output = mediaPath(`frame-${(outputs += 1)}.png`);
    await media.run(extractFrame, { input, output, at, signal });
    return output;
  }

  async function indexAt(input: string, at: FramePosition): Promise<number> {
    const { output } = await frames.take(input, at, mediaPath(`index-${(outputs += 1)}.png`));
    return frameIndexOf(output);
  }

  const atMs = (ms: number): FramePosition => ({ kind: 'time', ms });
  const atFraction = (value: number): FramePosition => ({ kind: 'fraction', value });

  test('a frame is an opaque 8-bit PNG of the size of the video', async () => {
    const { format, width, height, depth, channels } = await sharp(
      await frameOf(await makeCountingClip(), atMs(0)),
    ).metadata();
    expect({ format, width, height, depth, channels }).toEqual({
      format: 'png',
      width: 64,
      height: 48,
      depth: 'uchar',
      channels: 3,
    });
  });

  test.each([
    [0, 0],
    [99, 0],
    [100, 1],
    [149, 1],
    [1_234, 12],
    [2_000, 20],
    [2_899, 28],
    [2_900, 29],
    [3_000, 29],
  ])('at %i ms the frame shown is number %i', async (ms, index) => {
    expect(await indexAt(await makeCountingClip(), atMs(ms))).toBe(index);
  });

  test('percent count from the length of the video', async () => {
    const clip = await makeCountingClip();
    expect(await indexAt(clip, atFraction(0))).toBe(0);
    expect(await indexAt(clip, atFraction(0.5))).toBe(15);
    expect(await indexAt(clip, atFraction(0.99))).toBe(29);
  });

  test('the last frame is the last one, also where the sound goes on', async () => {
    expect(await indexAt(await makeCountingClip(), { kind: 'last' })).toBe(29);
    const withSound = await makeCountingClip({ audio: true });
    expect(await indexAt(withSound, { kind: 'last' })).toBe(29);
    expect(await indexAt(withSound, atMs(3_200))).toBe(29);
  });

  test.each([
    [0, 0],
    [39, 0],
    [40, 1],
    [499, 1],
    [505, 2],
    [510, 3],
    [1_999, 3],
    [2_000, 4],
    [5_999, 5],
    [6_000, 6],
  ])(
    'attack 8: at %i ms of a variable frame rate the frame shown is number %i, which started last',
    async (ms, index) => {
      expect(await indexAt(await makeVariableRateClip([0, 0.04, 0.5, 0.51, 2, 2.7, 6]), atMs(ms))).toBe(index);
    },
  );

  test('a large file is looked at only around the moment', async () => {
    // Padding after the video makes the file large.
    const padded = mediaPath(`padded-${(outputs += 1)}.mp4`);
    const free = Buffer.alloc(9 * 1_048_576);
    free.writeUInt32BE(free.byteLength, 0);
    free.write('free', 4, 'latin1');
    await writeFile(padded, Buffer.concat([await readFile(await makeCountingClip({ seconds: 30 })), free]));
    expect(await indexAt(padded, atMs(12_345))).toBe(123);
    expect(await indexAt(padded, atFraction(0.5))).toBe(150);
    expect(await indexAt(padded, { kind: 'last' })).toBe(299);
  });

  test('the clip of a phone held upright comes out upright', async () => {
    const frame = await frameOf(await makeRotatedClip(), atMs(500));
    expect(await sharp(frame).metadata()).toMatchObject({ width: 60, height: 80 });
    expect(isClose(await pixelAt(frame, 15, 20), quarterColors.topLeft)).toBe(true);
    expect(isClose(await pixelAt(frame, 45, 20), quarterColors.topRight)).toBe(true);
    expect(isClose(await pixelAt(frame, 15, 60), quarterColors.bottomLeft)).toBe(true);
    expect(isClose(await pixelAt(frame, 45, 60), quarterColors.bottomRight)).toBe(true);
    const described = await media.describe({ file: await makeRotatedClip(), isForeign: true, signal });
    expect(described).toMatchObject({ kind: 'video', mimeType: 'video/mp4', width: 60, height: 80, durationMs: 1_000 });
  });

  test('pixels that are not square are widened', async () => {
    const source = ['-f', 'lavfi', '-i', 'color=red:s=72x60:d=1:r=10,setsar=4/3', '-c:v', 'mpeg4'];
    const clip = await makeClip('anamorphic.mp4', ...source, '-f', 'mp4');
    expect(await sharp(await frameOf(clip, atMs(0))).metadata()).toMatchObject({ width: 96, height: 60 });
    expect(await media.describe({ file: clip, isForeign: true, signal })).toMatchObject({ width: 96, height: 60 });
  });

  test.each([
    ['webm', 'video/webm', ['-c:v', 'libvpx', '-f', 'webm']],
    ['mkv', 'video/matroska', ['-c:v', 'libx264', '-f', 'matroska']],
    ['avi', 'video/vnd.avi', ['-c:v', 'mpeg4', '-f', 'avi']],
    ['mov', 'video/quicktime', ['-c:v', 'libx264', '-f', 'mov']],
  ])('%s is read', async (extension, mimeType, args) => {
    const source = ['-f', 'lavfi', '-i', 'color=red:s=64x48:r=10:d=1[a];color=lime:s=64x48:r=10:d=1[b];[a][b]concat'];
    const clip = await makeClip(`two-colors.${extension}`, ...source, ...args);
    const described = await media.describe({ file: clip, isForeign: true, signal });
    expect(described).toMatchObject({ kind: 'video', mimeType, width: 64, height: 48, durationMs: 2_000 });
    expect(isClose(await pixelAt(await frameOf(clip, atMs(950)), 30, 20), [255, 0, 0])).toBe(true);
    expect(isClose(await pixelAt(await frameOf(clip, atMs(1_050)), 30, 20), [0, 255, 0])).toBe(true);
    expect(isClose(await pixelAt(await frameOf(clip, { kind: 'last' }), 30, 20), [0, 255, 0])).toBe(true);
  });

  test('a recording that does not say how long it is, is measured', async () => {
    const source = ['-f', 'lavfi', '-i', 'color=red:s=64x48:r=10:d=2', '-c:v', 'libvpx', '-f', 'webm', '-live', '1'];
    const clip = await makeClip('live.webm', ...source);
    const described = await media.describe({ file: clip, isForeign: true, signal });
    expect(described.durationMs).toBeGreaterThanOrEqual(1_900);
    expect(described.durationMs).toBeLessThanOrEqual(2_100);
    await frameOf(clip, atFraction(0.5));
  });

  test.each([atMs(3_002), atMs(99_000), atFraction(1.5)])('%j of 3 s is past the end', async (at) => {
    const input = await makeCountingClip();
    const output = mediaPath('past-the-end.png');
    await expect(media.run(extractFrame, { input, output, at, signal })).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'TIMESTAMP_OUT_OF_RANGE',
      message: expect.stringContaining('ends at 3 s'),
    });
    expect(existsSync(output)).toBe(false);
  });

  test('attack 8: a cut-off video gives what is there', async () => {
    const whole = await readFile(
      await makeClip('fast-start.mkv', '-f', 'lavfi', '-i', 'testsrc=s=320x240:r=10:d=3', '-f', 'matroska'),
    );
    const cut = mediaPath(`cut-${(outputs += 1)}.mkv`);
    await writeFile(cut, whole.subarray(0, whole.byteLength / 2));
    await frameOf(cut, { kind: 'last' });
  });

  test('attack 8: a video without its index is refused', async () => {
    const whole = await readFile(await makeCountingClip());
    const cut = mediaPath(`no-index-${(outputs += 1)}.mp4`);
    await writeFile(cut, whole.subarray(0, whole.byteLength / 2));
    await expect(frameOf(cut, atMs(0))).rejects.toMatchObject({ name: 'TerminalError', code: 'VIDEO_UNREADABLE' });
  });

  test('attack 8: sound alone is refused', async () => {
    const sound = await makeClip('sound.mp4', '-f', 'lavfi', '-i', 'sine=d=1', '-c:a', 'aac', '-f', 'mp4');
    await expect(frameOf(sound, atMs(0))).rejects.toMatchObject({ code: 'VIDEO_UNREADABLE' });
  });

  test.each([
    ['a list of files', (target: string) => `ffconcat version 1.0\nfile '${target}'\n`, 'text/plain null'],
    [
      'a playlist',
      (target: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://${target}\n#EXT-X-ENDLIST\n`,
      'text/plain null',
    ],
    ['a drawing', () => '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'UNSUPPORTED_MEDIA'],
    ['nothing', () => '', 'FILE_EMPTY'],
  ])('attack 5: %s posing as a video opens no other file', async (_kind, write, answer) => {
    const posing = mediaPath(`posing-${(outputs += 1)}.mp4`);
    await writeFile(posing, write(await makeCountingClip()));
    await expect(frameOf(posing, atMs(0))).rejects.toMatchObject({ code: 'VIDEO_UNREADABLE' });
    // What is a text is kept as one; nothing of what it names is looked at.
    const found = await media.describe({ file: posing, isForeign: true, signal }).then(
      ({ mimeType, durationMs }) => `${mimeType} ${durationMs}`,
      ({ code }: { code: string }) => code,
    );
    expect(found).toBe(answer);
  });

  test('attack 5: names that look like options or patterns are only names', async () => {
    const content = await readFile(await makeCountingClip());
    for (const name of ['-y.mp4', 'concat:a|b.mp4', '100%d.mp4', "it's [0].mp4"]) {
      const odd = mediaPath(name);
      await writeFile(odd, content);
      const output = mediaPath(`${name}%03d.png`);
      await media.run(extractFrame, { input: odd, output, at: atMs(500), signal });
      expect(await frameIndexOf(output)).toBe(5);
    }
  });
});

describe('attack 6: a video beyond the limits is refused', () => {
  const describeWith = async (limits: object) => {
    const media = createMedia({ binaries: createBinaries(anyBuild), limits });
    const file = await makeCountingClip({ audio: true });
    return media.describe({ file, isForeign: true, signal }).finally(() => media.stop());
  };

  test.each([
    [{ maxVideoMs: 2_000 }, 'VIDEO_TOO_LONG'],
    [{ maxVideoSide: 60 }, 'VIDEO_TOO_LARGE'],
    [{ maxVideoFps: 5 }, 'VIDEO_TOO_LARGE'],
    [{ maxVideoStreams: 1 }, 'VIDEO_TOO_LARGE'],
    [{ maxVideoBytes: 100 }, 'FILE_TOO_LARGE'],
  ])('%j', async (limits, code) => {
    await expect(describeWith(limits)).rejects.toMatchObject({ name: 'TerminalError', code });
  });
});

describe('an ffmpeg that is stopped', () => {
  /** Command lines of running ffmpegs that work on a file. */
  const runningOn = (file: string) =>
    readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(file);
        } catch {
          return false;
        }
      });

  /** A clip with one key frame at the start: a late frame takes a second to decode. */
  const makeSlowClip = () =>
    makeClip(
      'slow.mp4',
      '-f',
      'lavfi',
      '-i',
      'testsrc=s=1280x720:r=30:d=8',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '10000',
      '-f',
      'mp4',
    );

  test('by an abort is gone when the call returns', async () => {
    const media = createMedia({ binaries: createBinaries(anyBuild) });
    const input = await makeSlowClip();
    const output = mediaPath('aborted.png');
    const controller = new AbortController();
    const work = media.run(extractFrame, { input, output, at: { kind: 'last' }, signal: controller.signal });
    const outcome = work.catch((error: unknown) => error);
    while (!runningOn(input).some((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('image2pipe'))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const reason = new Error('cancelled');
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    expect(runningOn(input)).toEqual([]);
    expect(existsSync(output)).toBe(false);
    await media.stop();
  });

  test('by its time limit is gone too', async () => {
    const media = createMedia({ binaries: createBinaries(anyBuild), videoTimeoutMs: 5 });
    const input = await makeSlowClip();
    const work = media.run(extractFrame, { input, output: mediaPath('late.png'), at: { kind: 'last' }, signal });
    await expect(work).rejects.toMatchObject({ code: 'MEDIA_TIMEOUT' });
    expect(runningOn(input)).toEqual([]);
    await media.stop();
  });
});
