import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { defaultMediaLimits } from '../../core/limits.ts';
import { ffmpegBuilds, installedFfmpeg, installedFfprobe } from '../../testing/frame-taker.ts';
import {
  makeClip,
  makeCountingClip,
  makeSound,
  mediaPath,
  soundFormats,
  type SoundFormat,
} from '../../testing/media.ts';
import { createFfmpeg, type Ffmpeg } from '../ffmpeg.ts';
import { createMedia, type Media } from '../media.ts';
import { convertAudio } from '../operations/convert-audio.ts';
import { measurePeaks } from '../operations/measure-peaks.ts';
import { createBinaries } from '../video/binaries.ts';
import { audioInfo, createPacketSpan } from './audio-info.ts';
import { describeAudio } from './describe-audio.ts';
import { createPeakMeter } from './peaks.ts';

const { signal } = new AbortController();

const toneOf = (seconds: number) => [
  '-f',
  'lavfi',
  '-i',
  `aevalsrc='0.8*sin(880*2*PI*t)|0.8*sin(880*2*PI*t)':s=48000:d=${seconds}`,
];

/** What an audio file decodes to, with all the bits that it has, as a hash. */
async function samplesOf(file: string): Promise<string> {
  const args = ['-v', 'error', '-i', file, '-c:a', 'pcm_s32le', '-f', 'hash', '-'];
  return (await promisify(execFile)(installedFfmpeg, args)).stdout;
}

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  let media: Media;

  beforeAll(() => {
    media = createMedia({ binaries: createBinaries(settings), imagePool: { size: 1 } });
  });
  afterAll(() => media.stop());

  const describeFile = (file: string) => media.describe({ file, isForeign: true, signal });

  test.each<[SoundFormat, string, string]>([
    ['mp3', 'audio/mpeg', 'mp3'],
    ['m4a', 'audio/mp4', 'm4a'],
    ['aac', 'audio/aac', 'aac'],
    ['ogg', 'audio/ogg', 'ogg'],
    ['opus', 'audio/ogg', 'ogg'],
    ['flac', 'audio/flac', 'flac'],
    ['wav', 'audio/wav', 'wav'],
    ['mp4', 'audio/mp4', 'm4a'],
    ['webm', 'audio/webm', 'weba'],
    ['aiff', 'audio/aiff', 'aiff'],
    ['aifc', 'audio/aiff', 'aiff'],
    ['caf', 'audio/x-caf', 'caf'],
    ['w64', 'audio/x-w64', 'w64'],
    ['rf64', 'audio/wav', 'wav'],
  ])('a sound in %s is known by its content, whatever it is called', async (format, mimeType, extension) => {
    const misnamed = mediaPath(`misnamed-${format}.png`);
    await writeFile(misnamed, await readFile(await makeSound(format)));
    const { durationMs, ...found } = await describeFile(misnamed);
    expect(found).toMatchObject({ kind: 'audio', mimeType, extension, channels: 2, sampleRate: 48_000, width: null });
    // Encoders add some silence before and behind.
    expect(Math.abs(durationMs! - 3_000)).toBeLessThan(120);
  });

  test.each<SoundFormat>(['mp3', 'm4a', 'ogg', 'flac', 'wav', 'webm', 'aiff'])(
    'the peaks of an audio file in %s show where it is silent',
    async (format) => {
      const input = await makeSound(format);
      const output = mediaPath(`peaks-${format}.json`);
      await media.run(measurePeaks, { input, output, bars: 30, durationMs: 3_000, signal });
      const { peaks } = JSON.parse(await readFile(output, 'utf8')) as { peaks: number[] };
      expect(peaks).toHaveLength(30);
      // A lossy format may give the edges of a stretch a little of its neighbor.
      expect(Math.max(...peaks.slice(0, 9))).toBeLessThan(20);
      expect(Math.min(...peaks.slice(11, 29))).toBeGreaterThan(100);
    },
  );

  test.each<SoundFormat>(['opus', 'ogg'])(
    'sounds one behind the other in one %s file are measured, drawn and converted as all of them',
    async (format) => {
      const chained = mediaPath(`chained.${format}`);
      const link = await readFile(await makeSound(format));
      // Of another length, and each with a serial number of its own.
      const last = await readFile(await makeClip(`tone.${format}`, ...toneOf(2), ...soundFormats[format]));
      await writeFile(chained, Buffer.concat([link, last]));
      expect(Math.abs((await describeFile(chained)).durationMs! - 5_000)).toBeLessThan(60);
      const drawn = mediaPath(`chained-${format}.json`);
      await media.run(measurePeaks, { input: chained, output: drawn, bars: 50, durationMs: 5_000, signal });
      const { peaks } = JSON.parse(await readFile(drawn, 'utf8')) as { peaks: number[] };
      expect(Math.max(...peaks.slice(0, 9))).toBeLessThan(20);
      expect(Math.min(...peaks.slice(12, 29), ...peaks.slice(32, 49))).toBeGreaterThan(60);
      const whole = mediaPath(`chained-${format}.flac`);
      const asItIs = { bitRate: 128_000, channels: null, sampleRate: null } as const;
      await media.run(convertAudio, { input: chained, output: whole, format: 'flac', ...asItIs, signal });
      expect(Math.abs((await describeFile(whole)).durationMs! - 5_000)).toBeLessThan(60);
    },
  );

  test('samples of more than 16 bits keep them in a WAV', async () => {
    const output = mediaPath('deep.wav');
    const asItIs = { bitRate: 128_000, channels: null, sampleRate: null } as const;
    await media.run(convertAudio, { input: await makeSound('rf64'), output, format: 'wav', ...asItIs, signal });
    expect(await samplesOf(output)).toEqual(await samplesOf(await makeSound('rf64')));
  });

  test('a sound that is longer than allowed is refused', async () => {
    const strict = createMedia({ binaries: createBinaries(settings), limits: { maxAudioMs: 2_000 } });
    const work = strict.describe({ file: await makeSound('mp3'), isForeign: true, signal });
    await expect(work).rejects.toMatchObject({ code: 'AUDIO_TOO_LONG', message: expect.stringContaining('Cut it.') });
    await strict.stop();
  });

  test('a sound that is larger than allowed is refused for its size', async () => {
    const strict = createMedia({ binaries: createBinaries(settings), limits: { maxAudioBytes: 1_000 } });
    const work = strict.describe({ file: await makeSound('flac'), isForeign: true, signal });
    await expect(work).rejects.toMatchObject({ code: 'FILE_TOO_LARGE', details: { maxBytes: 1_000 } });
    await strict.stop();
  });

  test('what only begins as a sound is refused, and a video stays one', async () => {
    const posing = mediaPath('posing.flac');
    await writeFile(posing, Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(4_000, 7)]));
    await expect(describeFile(posing)).rejects.toMatchObject({ name: 'TerminalError', code: 'AUDIO_UNREADABLE' });
    expect(await describeFile(await makeCountingClip({ audio: true }))).toMatchObject({
      kind: 'video',
      channels: null,
    });
  });

  test('an abort ends the measuring and leaves nothing', async () => {
    const controller = new AbortController();
    const output = mediaPath('aborted-peaks.json');
    const input = await makeSound('wav', 60);
    const work = media.run(measurePeaks, { input, output, bars: 30, durationMs: 60_000, signal: controller.signal });
    controller.abort(new Error('cancelled'));
    await expect(work).rejects.toThrow('cancelled');
    expect([existsSync(output), existsSync(`${output}.part`)]).toEqual([false, false]);
  });
});

describe('what ffprobe says of a sound', () => {
  const stream = { index: 1, codec_type: 'audio', codec_name: 'aac', sample_rate: '44100', channels: 1 };

  test('is read from the track that is marked as the one to play', () => {
    const streams = [stream, { ...stream, index: 2, channels: 6, disposition: { default: 1 } }];
    const answer = { format: { duration: '2.5', nb_streams: 3 }, streams };
    expect(audioInfo(answer)).toEqual({
      streamIndex: 2,
      codec: 'aac',
      channels: 6,
      sampleRate: 44_100,
      declaredLength: 2.5,
      streamCount: 3,
    });
  });

  test.each([
    ['pictures alone', [{ ...stream, codec_type: 'video' }], /no audio/],
    ['a codec that is not known', [{ ...stream, codec_name: 'unknown' }], /an unknown kind/],
    ['a lock on it', [{ ...stream, tags: { enc_key_id: 'a1' } }], /encrypted/],
    ['nothing', [], /no audio/],
  ])('refuses a file with %s', (_what, streams, message) => {
    expect(() => audioInfo({ format: {}, streams })).toThrow(message);
  });

  test('gives the length by its packets, which may overlap a little', () => {
    const span = createPacketSpan();
    expect(span.length).toBeNull();
    for (const line of ['pts_time=-0.5|duration_time=0.5', 'pts_time=1.0|duration_time=0.5', 'pts_time=N/A'])
      span.add(line);
    span.add('pts_time=1.3|duration_time=0.2');
    expect(span.length).toBe(2);
  });

  test('gives the length of all sounds where the clock begins anew', () => {
    const span = createPacketSpan();
    for (const start of [0, 1, 2, 0, 1, -0.5]) span.add(`pts_time=${start}|duration_time=1`);
    expect(span.length).toBe(6);
  });
});

test('a sound is listed and tasted once, as long as it stays as it is', async () => {
  const real = createFfmpeg({
    binaries: createBinaries({ ffmpegPath: installedFfmpeg, ffprobePath: installedFfprobe }),
  });
  const asked: string[] = [];
  const ffmpeg: Ffmpeg = {
    ...real,
    list: (request) => (asked.push('list'), real.list(request)),
    readSamples: (request) => (asked.push('taste'), real.readSamples(request)),
  };
  const input = await makeSound('flac');
  const look = () => describeAudio({ input, signal }, { ffmpeg, limits: defaultMediaLimits });
  const first = await look();
  expect(await look()).toEqual(first);
  expect(asked).toEqual(['list', 'taste']);
  // What cannot be decoded is never taken for what was.
  const broken = mediaPath('remembered.flac');
  await writeFile(broken, (await readFile(input)).subarray(0, 200));
  for (let times = 0; times < 2; times += 1) {
    await expect(
      describeAudio({ input: broken, signal }, { ffmpeg, limits: defaultMediaLimits }),
    ).rejects.toMatchObject({
      code: 'AUDIO_UNREADABLE',
    });
  }
});

describe('the meter of peaks', () => {
  const samples = (...values: number[]) => {
    const bytes = Buffer.alloc(values.length * 2);
    for (const [index, value] of values.entries()) bytes.writeInt16LE(value, index * 2);
    return bytes;
  };

  test('takes the loudest sample of each stretch, also of a chunk that ends within a sample', () => {
    const meter = createPeakMeter({ bars: 2, samples: 4 });
    const bytes = samples(0, -16_384, 32_767, 100);
    for (const [from, to] of [
      [0, 3],
      [3, 3],
      [3, 4],
      [4, 8],
    ] as const)
      meter.add(bytes.subarray(from, to));
    expect(meter.peaks()).toEqual([128, 255]);
  });

  test('counts what comes beyond the expected end to the last stretch', () => {
    const meter = createPeakMeter({ bars: 2, samples: 2 });
    meter.add(samples(0, 0, 0, 32_767));
    expect(meter.peaks()).toEqual([0, 255]);
  });
});
