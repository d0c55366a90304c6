import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { loudFrom, probeFile, samplesOf } from '../../testing/film-facts.ts';
import { ffmpegBuilds } from '../../testing/frame-taker.ts';
import { makeClip, makeCountingClip, mediaPath } from '../../testing/media.ts';
import { createMedia, type Media } from '../media.ts';
import { extractAudio } from '../operations/extract-audio.ts';
import { createBinaries } from './binaries.ts';

const { signal } = new AbortController();
let outputs = 0;

/** A clip of three seconds whose sound is silent in its first second. */
const makeFilm = (name: string, ...options: string[]) =>
  makeClip(
    name,
    ...['-f', 'lavfi', '-i', 'color=c=red:s=64x48:r=10:d=3'],
    ...['-f', 'lavfi', '-i', `aevalsrc='if(lt(t,1),0,0.8*sin(440*2*PI*t))':s=48000:d=3`],
    ...options,
  );

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;
  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  async function soundOf(input: string, format: 'original' | 'mp3' | 'aac' | 'opus' | 'flac' | 'wav') {
    const output = mediaPath(`sound-of-film-${(outputs += 1)}`);
    const done = await media.run(extractAudio, { input, output, format, bitRate: 128_000, signal });
    return { ...done, output };
  }

  test.each([
    ['original', 'aac', 'm4a', true],
    ['mp3', 'mp3', 'mp3', false],
    ['aac', 'aac', 'm4a', false],
    ['opus', 'opus', 'opus', false],
    ['flac', 'flac', 'flac', false],
    ['wav', 'pcm_s16le', 'wav', false],
  ] as const)('the sound as %s is %s and begins where it did', async (format, codec, extension, isCopied) => {
    const found = await soundOf(await makeFilm('film-aac.mp4', '-c:v', 'libx264', '-c:a', 'aac'), format);
    expect(found).toMatchObject({ extension, isCopied });
    const { streams } = await probeFile(found.output);
    expect(streams.map(({ codec_name: name }) => name)).toEqual([codec]);
    // A decoder of MP3 that knows nothing of its delay gives 1,105 samples more.
    expect(Math.abs(loudFrom(await samplesOf(found.output)) - 1)).toBeLessThan(0.03);
  });

  test('sound that begins after the first picture gets silence before it, on whatever clock', async () => {
    const late = ['-c:v', 'libx264', '-c:a', 'aac', '-output_ts_offset', '20'];
    const plain = await makeFilm('film-pcm.mkv', '-c:v', 'libx264', '-c:a', 'pcm_s16le');
    const shifted = await makeClip(
      'film-late-sound.mkv',
      ...['-i', plain, '-itsoffset', '0.5', '-i', plain, '-map', '0:v', '-map', '1:a', ...late],
    );
    const { output, isCopied } = await soundOf(shifted, 'original');
    expect(isCopied).toBe(false);
    expect(Math.abs(loudFrom(await samplesOf(output)) - 1.5)).toBeLessThan(0.01);
  });

  test('a film without sound is refused, and nothing is left', async () => {
    const output = mediaPath('no-sound');
    const input = await makeCountingClip();
    const work = media.run(extractAudio, { input, output, format: 'mp3', bitRate: 128_000, signal });
    await expect(work).rejects.toMatchObject({
      code: 'VIDEO_UNREADABLE',
      message: 'The video has no sound that can be taken out of it. Choose a video with sound.',
    });
    expect([existsSync(output), existsSync(`${output}.part`)]).toEqual([false, false]);
  });

  test('the same work gives the same bytes', async () => {
    const film = await makeFilm('film-aac.mp4', '-c:v', 'libx264', '-c:a', 'aac');
    for (const format of ['original', 'mp3', 'opus', 'wav'] as const) {
      const hashes = await Promise.all(
        [1, 2].map(async () =>
          createHash('sha256')
            .update(await readFile((await soundOf(film, format)).output))
            .digest('hex'),
        ),
      );
      expect(hashes[0]).toBe(hashes[1]);
    }
  });

  test('progress is told and only grows', async () => {
    const shares: number[] = [];
    const input = await makeFilm('film-aac.mp4', '-c:v', 'libx264', '-c:a', 'aac');
    const output = mediaPath(`progress-${(outputs += 1)}`);
    const onProgress = (share: number) => void shares.push(share);
    await media.run(extractAudio, { input, output, format: 'flac', bitRate: 128_000, signal, onProgress });
    expect(shares).toEqual(shares.toSorted((one, other) => one - other));
    expect(shares.at(-1)).toBeGreaterThan(0.9);
  });
});
