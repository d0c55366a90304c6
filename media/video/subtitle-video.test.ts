import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { z } from 'zod';
import type { Cue } from '../../core/node-type/cues.ts';
import { countedFrames, picturesOf, probeFile } from '../../testing/film-facts.ts';
import { ffmpegBuilds, installedFfmpeg } from '../../testing/frame-taker.ts';
import { makeClip, makeCountingClip, makeRotatedClip, mediaPath } from '../../testing/media.ts';
import { createMedia, type Media } from '../media.ts';
import { subtitleVideo } from '../operations/subtitle-video.ts';
import { readCues } from '../subtitles/read-cues.ts';
import { createBinaries } from './binaries.ts';

const { signal } = new AbortController();
let outputs = 0;
const next = () => mediaPath(`subtitled-${(outputs += 1)}.mp4`);

/** Three seconds of black at ten frames a second, with a tone. */
const black = () =>
  makeClip(
    'black.mp4',
    ...['-f', 'lavfi', '-i', 'color=black:s=160x90:r=10:d=3', '-f', 'lavfi', '-i', 'sine=d=3'],
    ...['-c:v', 'libx264', '-crf', '5', '-pix_fmt', 'yuv420p', '-c:a', 'aac'],
  );

const cues: readonly Cue[] = [
  { from: 0.5, to: 1, text: 'First' },
  { from: 2, to: 9, text: 'Second\nline' },
];
const burnt = {
  ...({ kind: 'burn', family: 'sans', isBold: true, size: 0.2, margin: 0.05, color: '#ffffff' } as const),
  ...({ outline: 0, outlineColor: '#000000', hasBox: false, boxColor: '#0000ff', place: 'bottom' } as const),
};

/** What is brighter than half in a picture: how much, and between which rows. */
function inkOf(picture: Buffer, width: number): { count: number; top: number; bottom: number } {
  const rows: number[] = [];
  for (let at = 0; at < picture.length; at += 3) if (picture[at]! > 128) rows.push(Math.floor(at / 3 / width));
  return { count: rows.length, top: Math.min(...rows), bottom: Math.max(...rows) };
}

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;
  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  async function subtitled(
    input: string,
    how: z.output<typeof subtitleVideo.params>['how'],
    given = cues,
  ): Promise<string> {
    const output = next();
    await media.run(subtitleVideo, { input, output, cues: [...given], how, signal });
    return output;
  }
  const inks = async (file: string) => (await picturesOf(file, 160, 90)).map((picture) => inkOf(picture, 160));

  test('burnt in, each is seen in its time and nowhere else, at the bottom', async () => {
    const output = await subtitled(await black(), burnt);
    const seen = await inks(output);
    expect(seen.map(({ count }) => count > 20)).toEqual(
      Array.from({ length: 30 }, (_, index) => (index >= 5 && index < 10) || index >= 20),
    );
    expect([seen[7]!.top > 60, seen[25]!.top > 40, seen[25]!.bottom < 90]).toEqual([true, true, true]);
    expect((await probeFile(output)).streams.map(({ codec_name: codec }) => codec)).toEqual(['h264', 'aac']);
    expect((await readdir(dirname(output))).filter((name) => /\.(fonts|ass|srt)/.test(name))).toEqual([]);
  });

  test('at the top, larger, with a box behind', async () => {
    const top = (await inks(await subtitled(await black(), { ...burnt, place: 'top', size: 0.3 })))[7]!;
    expect([top.bottom < 45, top.bottom - top.top > 12]).toEqual([true, true]);
    const picture = (await picturesOf(await subtitled(await black(), { ...burnt, hasBox: true }), 160, 90))[7]!;
    let blue = 0;
    for (let at = 0; at < picture.length; at += 3) if (picture[at + 2]! > 180 && picture[at]! < 60) blue += 1;
    expect(blue).toBeGreaterThan(150);
  });

  test('braces, backslashes and tags are text, but for slanted ones', async () => {
    const ink = async (text: string) =>
      (await inks(await subtitled(await black(), burnt, [{ from: 0, to: 3, text }])))[10]!.count;
    const [plain, obeyed] = [await ink('ab'), await ink('{\\an8}ab')];
    expect(obeyed).toBeGreaterThan(plain * 1.5);
    expect(await ink('a\\Nb')).toBeGreaterThan(plain);
    expect(await ink('<font color="#000000">ab</font>')).toBe(plain);
    expect(await ink('<i>ab</i>')).not.toBe(plain);
  });

  test('a phone turns its video, and subtitles stay upright', async () => {
    const output = await subtitled(await makeRotatedClip(), burnt, [{ from: 0, to: 1, text: 'WW' }]);
    expect((await probeFile(output)).streams[0]).toMatchObject({ width: 60, height: 80 });
    const pictures = await picturesOf(output, 60, 80);
    let rows = 0;
    for (let y = 0; y < 80; y += 1) {
      const row = pictures[5]!.subarray(y * 180, y * 180 + 180);
      if (row.some((_value, at) => at % 3 === 0 && row[at]! > 230 && row[at + 1]! > 230 && row[at + 2]! > 230))
        rows += 1;
    }
    expect(rows).toBeGreaterThan(5);
    expect(rows).toBeLessThan(30);
  });

  test('as a track they can be taken out again, and pictures are copied', async () => {
    const slanted = [{ from: 0.5, to: 1, text: 'One & <i>two</i>' }, ...cues.slice(1)];
    const source = await black();
    const output = await subtitled(source, { kind: 'track', language: 'deu' }, slanted);
    const { streams } = await probeFile(output);
    expect(streams.map(({ codec_name: codec }) => codec)).toEqual(['h264', 'aac', 'mov_text']);
    expect(streams[2]).toMatchObject({ tags: { language: 'deu' }, disposition: { default: 1 } });
    const { stdout } = await promisify(execFile)(installedFfmpeg, [
      '-v',
      'error',
      '-i',
      output,
      '-map',
      '0:s',
      '-f',
      'srt',
      '-',
    ]);
    // Older programs write down a font that nobody asked for.
    expect(readCues(stdout.replaceAll(/<\/?font[^>]*>/g, ''))).toEqual([
      { from: 0.5, to: 1, text: 'One & <i>two</i>' },
      { from: 2, to: 3, text: 'Second\nline' },
    ]);
    const frames = async (file: string) => Buffer.concat(await picturesOf(file, 160, 90));
    expect((await frames(output)).equals(await frames(source))).toBe(true);
  });

  test('what MP4 does not take is encoded for a track; the same bytes on each run', async () => {
    const webm = await makeClip(
      'counting.webm',
      ...['-i', await makeCountingClip({ seconds: 1 }), '-c:v', 'libvpx', '-b:v', '2M', '-f', 'webm'],
    );
    const output = await subtitled(webm, { kind: 'track', language: 'eng' });
    expect((await probeFile(output)).streams.map(({ codec_name: codec }) => codec)).toEqual(['h264', 'mov_text']);
    expect(await countedFrames(output)).toHaveLength(10);
    const [one, other] = [await subtitled(await black(), burnt), await subtitled(await black(), burnt)];
    expect((await readFile(one)).equals(await readFile(other))).toBe(true);
  });

  test('none, and none before the end of the video, are refused', async () => {
    await expect(subtitled(await black(), burnt, [])).rejects.toMatchObject({ code: 'NODE_DATA_INVALID' });
    await expect(subtitled(await black(), burnt, [{ from: 7, to: 8, text: 'x' }])).rejects.toMatchObject({
      message: 'The subtitles begin at 7.0 s, after the end of the video at 3.0 s. Connect those of this video.',
    });
  });
});
