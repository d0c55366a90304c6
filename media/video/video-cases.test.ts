import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { createFrameTaker, ffmpegBuilds, type TakenFrame } from '../../testing/frame-taker.ts';
import { isClose, makeClip, mediaPath, pixelAt, quarterColors, quarters, type Rgb } from '../../testing/media.ts';
import { createMedia, type Media } from '../media.ts';
import { createBinaries } from './binaries.ts';
import type { FramePosition } from '../../core/node-type/timestamp.ts';

let outputs = 0;

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const seconds = (value: number): FramePosition => ({ kind: 'time', ms: value * 1_000 });
const fraction = (value: number): FramePosition => ({ kind: 'fraction', value });
const last: FramePosition = { kind: 'last' };

const red: Rgb = [220, 30, 30];
const green: Rgb = [30, 180, 40];
const blue: Rgb = [30, 60, 210];
const yellow: Rgb = [235, 220, 40];

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  const frames = createFrameTaker(settings);
  let media: Media;

  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });

  afterAll(() => media.stop());

  const frameOf = (input: string, at: FramePosition): Promise<TakenFrame> =>
    frames.take(input, at, mediaPath(`case-${(outputs += 1)}.png`));

  async function middleOf(input: string, at: FramePosition): Promise<Rgb> {
    const { output, width, height } = await frameOf(input, at);
    return pixelAt(output, Math.floor(width / 2), Math.floor(height / 2));
  }

  const describeFile = (file: string) =>
    media.describe({ file, isForeign: true, signal: new AbortController().signal });

  test.each([
    ['rate-120-upload', 'rate-120.mp4', { width: 96, height: 64, durationMs: 4_000 }],
    ['rate-misread-webm', 'rate-misread.webm', { width: 96, height: 64, durationMs: 19_205 }],
    ['tracks-10-mp4-upload', 'tracks-10.mp4', { width: 96, height: 64, durationMs: 4_000 }],
    ['clock-30s-mkv', 'clock-30s.mkv', { width: 96, height: 64, durationMs: 4_000 }],
    ['sar-4x3-turn-90-upload', 'sar-4x3-turn-90.mp4', { width: 48, height: 96 }],
    ['sar-4x3-turn-180-upload', 'sar-4x3-turn-180.mp4', { width: 96, height: 48 }],
    ['second-track-is-default-a-mp4', 'second-track-is-default-a.mp4', { width: 96, height: 64 }],
  ])('%s: the file is taken for what a browser shows', async (_id, name, expected) => {
    expect(await describeFile(fixture(name))).toMatchObject(expected);
  });

  test.each([
    ['rate-120-frame-1.5', 'rate-120.mp4', seconds(1.5), green],
    ['rate-120-frame-100%', 'rate-120.mp4', last, yellow],
    ['tracks-10-mp4-frame-1.5', 'tracks-10.mp4', seconds(1.5), green],
    ['clock-30s-mkv-frame-0', 'clock-30s.mkv', seconds(0), red],
    ['clock-30s-mkv-frame-55%', 'clock-30s.mkv', fraction(0.55), blue],
    ['clock-30s-mkv-frame-100%', 'clock-30s.mkv', last, yellow],
    ['untagged-1280x720', 'untagged-720p.mp4', seconds(0), green],
    ['sar-4x3-turn-90-frame-1.5', 'sar-4x3-turn-90.mp4', seconds(1.5), green],
    ['sar-4x3-turn-180-frame-1.5', 'sar-4x3-turn-180.mp4', seconds(1.5), green],
    ['avi-h264-bframes-frame-0', 'avi-h264-bframes.avi', seconds(0), red],
    ['avi-h264-bframes-frame-100%', 'avi-h264-bframes.avi', last, yellow],
  ])('%s: the frame is the one that a browser shows', async (_id, name, at, color) => {
    expect(isClose(await middleOf(fixture(name), at), color, 4)).toBe(true);
  });

  test('hdr-pq-58-webm: HDR is mapped to the screen as a browser does, and the frame says so', async () => {
    const { output, note } = await frameOf(fixture('hdr-pq-58.webm'), seconds(0));
    expect(isClose(await pixelAt(output, 48, 32), [184, 184, 184], 3)).toBe(true);
    expect(note).toBe('from HDR, tone-mapped');
  });

  test('cut-mp4-0.47: the beginning of a broken download is there, and its last frame is a sound one', async () => {
    const file = fixture('cut-0.47.mp4');
    expect(await frameOf(file, seconds(0))).toMatchObject({ width: 96, height: 64, note: null });
    expect(await frameOf(file, last)).toMatchObject({ width: 96, height: 64 });
  });

  /** The number that a frame of the open-GOP fixture shows: a bit in each of ten columns. */
  async function numberOf(file: string): Promise<number> {
    const { data, info } = await sharp(file).greyscale().raw().toBuffer({ resolveWithObject: true });
    const isWhite = (column: number) =>
      (data[(Math.floor(info.height / 2) * info.width + column * 16 + 8) * info.channels] ?? 0) > 128;
    return Array.from({ length: 10 }, (_, column) => (isWhite(column) ? 2 ** column : 0)).reduce((a, b) => a + b, 0);
  }

  // 25 frames a second; key frames at 20, 40, … are stored before pictures that are shown earlier than they are.
  test.each([0, 17, 19, 20, 39, 58, 99])('frame %i of a clip with open groups of pictures is found', async (index) => {
    const { output, note } = await frameOf(fixture('counting-open-gop-hevc.mp4'), seconds(index * 0.04 + 0.02));
    expect({ number: await numberOf(output), note }).toEqual({ number: index, note: null });
  });

  test('a damaged stretch gives the last sound frame before it, which says so', async () => {
    const source = ['-f', 'lavfi', '-i', 'testsrc=s=160x120:r=10:d=6', '-c:v', 'libx264', '-g', '20', '-bf', '0'];
    const clip = await makeClip('to-damage.mp4', ...source, '-movflags', '+faststart', '-f', 'mp4');
    const content = await readFile(clip);
    const start = content.indexOf('mdat');
    // Within the second group of pictures.
    const hurt = start + Math.floor((content.byteLength - start) * 0.5);
    for (let offset = hurt; offset < hurt + 2_000; offset += 1) content[offset] = (offset * 37) & 0xff;
    const damaged = mediaPath(`damaged-${(outputs += 1)}.mp4`);
    await writeFile(damaged, content);
    const { note } = await frameOf(damaged, seconds(3.9));
    expect(note).toMatch(/^at \d\.?\d* s, as the wanted frame is damaged$/);
    expect((await frameOf(damaged, seconds(5.5))).note).toBeNull();
  });

  /** The nine numbers of a display matrix in 16.16; the last column is of no interest here. */
  test.each<[string, readonly [number, number, number, number], readonly (keyof typeof quarterColors)[]]>([
    ['as it is', [1, 0, 0, 1], ['topLeft', 'topRight', 'bottomLeft', 'bottomRight']],
    ['turned by 90°', [0, 1, -1, 0], ['bottomLeft', 'topLeft', 'bottomRight', 'topRight']],
    ['turned by 180°', [-1, 0, 0, -1], ['bottomRight', 'bottomLeft', 'topRight', 'topLeft']],
    ['turned by 270°', [0, -1, 1, 0], ['topRight', 'bottomRight', 'topLeft', 'bottomLeft']],
    ['mirrored', [-1, 0, 0, 1], ['topRight', 'topLeft', 'bottomRight', 'bottomLeft']],
    ['upside down', [1, 0, 0, -1], ['bottomLeft', 'bottomRight', 'topLeft', 'topRight']],
    ['mirrored and turned', [0, 1, 1, 0], ['topLeft', 'bottomLeft', 'topRight', 'bottomRight']],
    ['mirrored and turned back', [0, -1, -1, 0], ['bottomRight', 'topRight', 'bottomLeft', 'topLeft']],
  ])('a clip with oblong pixels that is shown %s', async (name, [a, b, c, d], corners) => {
    const still = mediaPath('quarters.png');
    await quarters(72, 48).png().toFile(still);
    const source = ['-loop', '1', '-t', '0.5', '-r', '10', '-i', still, '-vf', 'setsar=4/3', '-c:v', 'libx264'];
    const plain = await makeClip('oblong.mp4', ...source, '-qp', '8', '-pix_fmt', 'yuv420p', '-f', 'mp4');
    const content = await readFile(plain);
    const matrix = content.indexOf('tkhd') + 44;
    for (const [index, value] of [a, b, 0, c, d, 0].entries()) content.writeInt32BE(value * 65_536, matrix + index * 4);
    const file = mediaPath(`${name.replaceAll(/\W/g, '-')}.mp4`);
    await writeFile(file, content);
    const [width, height] = a === 0 ? [48, 96] : [96, 48];
    expect(await frames.measure(file)).toMatchObject({ width, height });
    const frame = await frameOf(file, seconds(0));
    expect(frame).toMatchObject({ width, height });
    const at = async (x: number, y: number) => pixelAt(frame.output, Math.floor(width * x), Math.floor(height * y));
    const shown = [await at(0.25, 0.25), await at(0.75, 0.25), await at(0.25, 0.75), await at(0.75, 0.75)];
    for (const [index, corner] of corners.entries()) {
      expect({ corner, isRight: isClose(shown[index]!, quarterColors[corner]) }).toEqual({ corner, isRight: true });
    }
  });

  test.each<[string, string, readonly string[], Rgb]>([
    ['BT.601 in full range', 'out_color_matrix=bt601:out_range=pc', ['-pix_fmt', 'yuvj420p'], [255, 0, 0]],
    [
      'tagged BT.709',
      'out_color_matrix=bt709:out_range=tv',
      ['-pix_fmt', 'yuv420p', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
      [255, 0, 0],
    ],
    ['without tags, and small', 'out_color_matrix=bt601:out_range=tv', ['-pix_fmt', 'yuv420p'], [255, 0, 0]],
    [
      'tagged with a matrix alone',
      'out_color_matrix=bt709:out_range=tv',
      ['-pix_fmt', 'yuv420p', '-colorspace', 'bt709'],
      [255, 0, 0],
    ],
    ['as RGB', 'out_range=pc', ['-pix_fmt', 'rgb24', '-c:v', 'libx264rgb'], [255, 0, 0]],
  ])('red is red: %s', async (name, matrix, args, color) => {
    const source = ['-f', 'lavfi', '-i', 'color=red:s=64x48:r=10:d=0.3,format=gbrp', '-vf', `scale=${matrix}`];
    const file = `${name.replaceAll(/\W/g, '-')}.mp4`;
    const codec = args.includes('-c:v') ? [] : ['-c:v', 'libx264'];
    const clip = await makeClip(file, ...source, ...args, ...codec, '-qp', '2', '-f', 'mp4');
    expect(isClose(await middleOf(clip, seconds(0)), color, 3)).toBe(true);
  });

  test('a frame carries no mark that changes its colors: gray 128 is shown as 128', async () => {
    const tags = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
    const source = ['-f', 'lavfi', '-i', 'color=0x808080:s=64x48:r=10:d=0.3', ...tags, '-c:v', 'libx264', '-qp', '2'];
    const { output } = await frameOf(await makeClip('gray.mp4', ...source, '-f', 'mp4'), seconds(0));
    expect(isClose(await pixelAt(output, 30, 20), [128, 128, 128], 1)).toBe(true);
    const content = await readFile(output);
    for (const chunk of ['gAMA', 'cHRM', 'cICP', 'iCCP', 'sRGB']) expect(content.includes(chunk)).toBe(false);
    // Nothing else is left beside it.
    expect(readdirSync(dirname(output)).filter((name) => /\.(cube|colored|part)$/.test(name))).toEqual([]);
  });

  test('an encrypted film is refused by name', async () => {
    const key = [
      '-encryption_key',
      '00112233445566778899aabbccddeeff',
      '-encryption_kid',
      'ffeeddccbbaa99887766554433221100',
    ];
    const source = ['-f', 'lavfi', '-i', 'testsrc=s=64x48:r=10:d=0.5', '-c:v', 'libx264', '-pix_fmt', 'yuv420p'];
    const clip = await makeClip('cenc.mp4', ...source, '-encryption_scheme', 'cenc-aes-ctr', ...key, '-f', 'mp4');
    const refusal = { code: 'VIDEO_UNREADABLE', message: expect.stringContaining('encrypted') };
    await expect(describeFile(clip)).rejects.toMatchObject(refusal);
    await expect(frameOf(clip, seconds(0))).rejects.toMatchObject(refusal);
  });

  test('sound with a cover picture is no video, and says what it is', async () => {
    const cover = mediaPath('cover.png');
    await quarters(64, 64).png().toFile(cover);
    const source = [
      '-f',
      'lavfi',
      '-i',
      'sine=d=1',
      '-i',
      cover,
      '-map',
      '0',
      '-map',
      '1',
      '-c:a',
      'aac',
      '-c:v',
      'png',
    ];
    const file = await makeClip('song.mp4', ...source, '-disposition:v:0', 'attached_pic', '-f', 'mp4');
    await expect(frameOf(file, seconds(0))).rejects.toMatchObject({
      code: 'VIDEO_UNREADABLE',
      message: 'The file holds audio and a cover image, no video.',
    });
  });
});
