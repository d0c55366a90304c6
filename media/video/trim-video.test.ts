import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { countedFrames, loudFrom, pictureTimes, probeFile, samplesOf } from '../../testing/film-facts.ts';
import { ffmpegBuilds } from '../../testing/frame-taker.ts';
import { makeClip, makeCountingClip, makeRotatedClip, makeVariableRateClip, mediaPath } from '../../testing/media.ts';
import { readTimestamp } from '../../core/node-type/timestamp.ts';
import { createMedia, type Media } from '../media.ts';
import { trimVideo } from '../operations/trim-video.ts';
import { createBinaries } from './binaries.ts';

const { signal } = new AbortController();
let outputs = 0;

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;

/** Three seconds; a key frame every second and no frame that refers to a later one; a tone from 1.5 s on. */
async function makeCopyable(): Promise<string> {
  const silent = await makeCountingClip();
  return makeClip(
    'copyable.mp4',
    ...['-i', silent, '-f', 'lavfi', '-i', `aevalsrc='if(lt(t,1.5),0,0.8*sin(440*2*PI*t))':s=48000:d=3`],
    ...['-c:v', 'libx264rgb', '-crf', '10', '-g', '10', '-sc_threshold', '0', '-bf', '0', '-c:a', 'aac'],
  );
}

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;
  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  async function trim(input: string, from: string, to: string, isEncoded = false) {
    const output = mediaPath(`part-${(outputs += 1)}.mp4`);
    const range = { from: readTimestamp(from).at!, to: readTimestamp(to).at! };
    return { ...(await media.run(trimVideo, { input, output, ...range, isEncoded, signal })), output };
  }

  test.each<[string, string, number, number]>([
    ['0', '100%', 0, 30],
    ['1', '2', 10, 20],
    ['1.05', '2.05', 10, 20],
    ['0.7', '0:01.3', 7, 13],
    ['50%', '100%', 15, 30],
    ['2.9', '3', 29, 30],
  ])('encoded from %s to %s a clip has the frames %i up to %i', async (from, to, first, end) => {
    const { output, isCopied } = await trim(await makeCountingClip(), from, to, true);
    expect(isCopied).toBe(false);
    expect(await countedFrames(output)).toEqual(numbers(first, end));
    expect((await pictureTimes(output))[0]).toBe(0);
    expect(Number((await probeFile(output)).format.duration)).toBeCloseTo((end - first) / 10, 1);
  });

  test('a part that begins at a key frame is copied, its sound cut at the same time', async () => {
    const { output, isCopied } = await trim(await makeCopyable(), '1', '2.5');
    expect(isCopied).toBe(true);
    expect(await countedFrames(output)).toEqual(numbers(10, 25));
    expect(Math.abs(loudFrom(await samplesOf(output)) - 0.5)).toBeLessThan(0.003);
  });

  test('a part that begins between key frames is encoded, and the reason is told', async () => {
    const { output, isCopied, obstacle } = await trim(await makeCopyable(), '1.2', '2.5');
    expect([isCopied, obstacle]).toEqual([false, 'the first frame depends on frames before it']);
    expect(await countedFrames(output)).toEqual(numbers(12, 25));
    expect(Math.abs(loudFrom(await samplesOf(output)) - 0.3)).toBeLessThan(0.003);
  });

  test('with frames that refer to later ones the end decides', async () => {
    const clip = await makeCountingClip();
    const [toEnd, within] = [await trim(clip, '0', '100%'), await trim(clip, '0', '2')];
    expect([toEnd.isCopied, within.isCopied]).toEqual([true, false]);
    expect(await countedFrames(toEnd.output)).toEqual(numbers(0, 30));
    expect(await countedFrames(within.output)).toEqual(numbers(0, 20));
  });

  test('frames keep their times where they last differently long', async () => {
    const clip = await makeVariableRateClip([0, 0.04, 0.5, 0.51, 2, 2.7, 6]);
    const { output } = await trim(clip, '0.505', '2.7', true);
    // The last one may come twice: the second one ends it.
    expect([...new Set(await countedFrames(output))]).toEqual([2, 3, 4]);
    const times = await pictureTimes(output);
    for (const [index, time] of [0, 0.01, 1.5].entries()) expect(times[index]).toBeCloseTo(time, 3);
  });

  test('a turned clip stays as it is seen, copied or encoded', async () => {
    for (const isEncoded of [false, true]) {
      const { output, isCopied } = await trim(await makeRotatedClip(), '0', '100%', isEncoded);
      expect(isCopied).toBe(!isEncoded);
      expect(await media.describe({ file: output, isForeign: true, signal })).toMatchObject({ width: 60, height: 80 });
    }
  });

  test.each(['clock-30s.mkv', 'avi-h264-bframes.avi'])('%s is cut by the frames that are seen', async (name) => {
    const file = fixture(name);
    const { durationMs } = await media.describe({ file, isForeign: true, signal });
    const { output } = await trim(file, '25%', '75%');
    const part = await media.describe({ file: output, isForeign: true, signal });
    expect(Math.abs(part.durationMs! - durationMs! / 2)).toBeLessThan(120);
    expect((await pictureTimes(output))[0]).toBeCloseTo(0, 3);
  });

  test('of a file that was cut off, what is there is taken', async () => {
    const { output } = await trim(fixture('cut-0.47.mp4'), '1', '100%');
    // 3.7 s are there of the 8 s that its header tells of; the last frame is broken.
    expect((await pictureTimes(output)).length).toBe(27);
  });

  test('the same work gives the same bytes, and nothing is left of an empty part', async () => {
    const clip = await makeCountingClip({ audio: true });
    const bytesOf = async () => {
      const { output } = await trim(clip, '0.5', '2', true);
      return readFile(output);
    };
    expect((await bytesOf()).equals(await bytesOf())).toBe(true);
    await expect(trim(clip, '1.02', '1.05')).rejects.toMatchObject({
      code: 'TIMESTAMP_OUT_OF_RANGE',
      message: expect.stringContaining('Nothing is left'),
    });
    await expect(trim(clip, '1', '9')).rejects.toMatchObject({ code: 'TIMESTAMP_OUT_OF_RANGE' });
  });
});
