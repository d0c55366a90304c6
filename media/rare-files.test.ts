import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import sharp from 'sharp';
import { anyBuild, installedFfmpeg } from '../testing/frame-taker.ts';
import {
  isClose,
  makeCountingClip,
  makePicture,
  makeSound,
  mediaPath,
  pixelAt,
  quarterColors,
  quarters,
} from '../testing/media.ts';
import { chunk } from '../testing/png.ts';
import { createMedia, type Media } from './media.ts';
import { convertAudio } from './operations/convert-audio.ts';
import { cropImage } from './operations/crop-image.ts';
import { extractFrame } from './operations/extract-frame.ts';
import { createBinaries } from './video/binaries.ts';

/* What docs/media.md says of files that are rare but legal: each is taken in, and worked on as what it is. */

const { signal } = new AbortController();
let media: Media;
beforeAll(() => {
  media = createMedia({ binaries: createBinaries(anyBuild), imagePool: { size: 1 } });
});
afterAll(() => media.stop());

const taken = (file: string) => media.describe({ file, isForeign: true, signal });

/** A file of this test with such content. */
async function fileOf(name: string, content: Uint8Array): Promise<string> {
  const file = mediaPath(`rare-${name}`);
  await writeFile(file, content);
  return file;
}

async function made(name: string, ...args: string[]): Promise<Buffer> {
  const file = mediaPath(`made-${name}`);
  await promisify(execFile)(installedFfmpeg, ['-v', 'error', '-y', ...args, file]);
  return readFile(file);
}

describe('an image', () => {
  const jpeg = () => readFile(makeJpeg());
  let kept: string;
  const makeJpeg = () => kept;
  beforeAll(async () => {
    kept = await makePicture('jpeg');
  });
  const marker = (kind: number, data: Uint8Array) =>
    Buffer.concat([Uint8Array.of(0xff, kind, (data.length + 2) >> 8, (data.length + 2) & 255), data]);
  /** With something more behind the first two bytes of a JPEG. */
  const begun = (whole: Buffer, ...more: Uint8Array[]) =>
    Buffer.concat([whole.subarray(0, 2), ...more, whole.subarray(2)]);
  /** A PNG whose pixel data lies in pieces. */
  function inPieces(png: Buffer, bytes: number): Buffer {
    const parts: Buffer[] = [png.subarray(0, 8)];
    for (let at = 8; at < png.length;) {
      const size = png.readUInt32BE(at);
      const type = png.toString('latin1', at + 4, at + 8);
      const data = png.subarray(at + 8, at + 8 + size);
      if (type !== 'IDAT') parts.push(png.subarray(at, at + 12 + size));
      else for (let from = 0; from < size; from += bytes) parts.push(chunk('IDAT', data.subarray(from, from + bytes)));
      at += 12 + size;
    }
    return Buffer.concat(parts);
  }

  test.each<[string, string, () => Promise<Buffer>]>([
    [
      'a JPEG with a film behind it',
      'jpg',
      async () => Buffer.concat([await jpeg(), await readFile(await makeCountingClip())]),
    ],
    ['a JPEG with a second one behind it', 'jpg', async () => Buffer.concat([await jpeg(), await jpeg()])],
    ['a JPEG with fill bytes between markers', 'jpg', async () => begun(await jpeg(), Buffer.alloc(5, 0xff))],
    [
      'a JPEG with 200 comments',
      'jpg',
      async () =>
        begun(await jpeg(), ...Array.from({ length: 200 }, (_, at) => marker(0xfe, Buffer.from(`no. ${at}`)))),
    ],
    ['a progressive JPEG', 'jpg', () => quarters(80, 60).jpeg({ progressive: true, quality: 95 }).toBuffer()],
    ['a PNG in pieces of seven bytes', 'png', async () => inPieces(await quarters(80, 60).png().toBuffer(), 7)],
    [
      'an interlaced PNG with a palette',
      'png',
      () => quarters(80, 60).png({ palette: true, progressive: true }).toBuffer(),
    ],
    ['a lossless WebP', 'webp', () => quarters(80, 60).webp({ lossless: true }).toBuffer()],
    ['an interlaced GIF', 'gif', () => quarters(80, 60).gif({ progressive: true }).toBuffer()],
    ['an AVIF with odd sides', 'avif', () => quarters(81, 61).avif({ quality: 90 }).toBuffer()],
  ])('%s keeps its colors and loses half of it to a crop', async (name, extension, make) => {
    const input = await fileOf(`${name.replaceAll(/\W/g, '-')}.${extension}`, await make());
    const { width, height, kind } = await taken(input);
    expect([kind, Math.abs(width! - 80) <= 1, Math.abs(height! - 60) <= 1]).toEqual(['image', true, true]);
    const output = mediaPath('rare-cut.png');
    const area = { unit: 'percent', x: 0, y: 0, width: 50, height: 100 } as const;
    await media.run(cropImage, { input, output, area, signal });
    const cut = mediaPath('rare-cut-plain.png');
    await sharp(output).png().toFile(cut);
    expect(Math.abs((await sharp(cut).metadata()).width - width! / 2)).toBeLessThan(1);
    expect(isClose(await pixelAt(cut, 20, 15), quarterColors.topLeft)).toBe(true);
    expect(isClose(await pixelAt(cut, 20, 45), quarterColors.bottomLeft)).toBe(true);
  });

  test('a gray PNG with alpha of 16 bits, and an AVIF in gray, are as gray as they were', async () => {
    const pixels = Buffer.alloc(16 * 16 * 4);
    for (let at = 0; at < pixels.length; at += 4) pixels.writeUInt32LE(0xff_ff_80_80, at);
    const raw = { width: 16, height: 16, channels: 2 } as const;
    const deep = await sharp(new Uint16Array(pixels.buffer, pixels.byteOffset, pixels.length / 2), { raw })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const gray = await sharp({ create: { width: 16, height: 16, channels: 3, background: '#808080' } })
      .toColourspace('b-w')
      .avif({ lossless: true })
      .toBuffer();
    for (const [name, content] of [
      ['deep.png', deep],
      ['gray.avif', gray],
    ] as const) {
      const input = await fileOf(name, content);
      expect(await taken(input)).toMatchObject({ kind: 'image', width: 16, height: 16 });
      const output = mediaPath('rare-gray.webp');
      await media.writeThumbnail({ input, mimeType: `image/${name.split('.')[1]}`, output, width: 16, signal });
      expect(isClose(await pixelAt(output, 8, 8), [128, 128, 128], 3)).toBe(true);
    }
  });
});

describe('a sound', () => {
  const tone = ['-f', 'lavfi', '-i', 'aevalsrc=0.5*sin(440*2*PI*t)|0.5*sin(440*2*PI*t):s=48000:d=3'];
  /** A tag before everything else, as long as it says: seven bits of its size in each byte. */
  const tag = (bytes: number) =>
    Buffer.concat([
      Buffer.from('ID3\u0004\u0000\u0000', 'latin1'),
      Uint8Array.of(bytes >> 21, (bytes >> 14) & 127, (bytes >> 7) & 127, bytes & 127),
      Buffer.alloc(bytes),
    ]);
  const withSizes = (wav: Buffer, size: number) => {
    const changed = Buffer.from(wav);
    changed.writeUInt32LE(size, 4);
    changed.writeUInt32LE(size, changed.indexOf('data') + 4);
    return changed;
  };
  const withoutLength = (flac: Buffer) => {
    const changed = Buffer.from(flac);
    // Behind the 20 bytes up to the sample rate: the number of samples, in 36 bits.
    changed.writeUInt8(changed.readUInt8(21) & 0xf0, 21);
    return changed.fill(0, 22, 26);
  };

  test.each<[string, string, () => Promise<Buffer>, object]>([
    [
      'WAV of 24 bits and six channels',
      'wav',
      () => made('six.wav', ...tone, '-ac', '6', '-c:a', 'pcm_s24le'),
      { channels: 6 },
    ],
    [
      'WAV of floats at 96 kHz',
      'wav',
      () => made('float.wav', ...tone, '-ar', '96000', '-c:a', 'pcm_f32le'),
      { sampleRate: 96_000 },
    ],
    [
      'WAV from a pipe, without sizes',
      'wav',
      async () => withSizes(await readFile(await makeSound('wav')), 0xff_ff_ff_ff),
      {},
    ],
    ['AAC with a tag', 'aac', async () => Buffer.concat([tag(300), await readFile(await makeSound('aac'))]), {}],
    ['ALAC', 'm4a', () => made('alac.m4a', ...tone, '-c:a', 'alac', '-f', 'ipod'), {}],
    [
      'MP3 without a Xing header',
      'mp3',
      () => made('plain.mp3', ...tone, '-c:a', 'libmp3lame', '-write_xing', '0'),
      {},
    ],
    [
      'MP3 with 3 MB of tags',
      'mp3',
      async () => Buffer.concat([tag(3_000_000), await readFile(await makeSound('mp3'))]),
      {},
    ],
    ['FLAC without a length', 'flac', async () => withoutLength(await readFile(await makeSound('flac'))), {}],
    [
      'Vorbis at 8 kHz',
      'ogg',
      () => made('slow.ogg', ...tone, '-ar', '8000', '-c:a', 'libvorbis'),
      { sampleRate: 8_000 },
    ],
  ])('%s is as long as it is heard, also where it is converted', async (name, extension, make, facts) => {
    const input = await fileOf(`${name.replaceAll(/\W/g, '-')}.${extension}`, await make());
    const found = await taken(input);
    expect(found).toMatchObject({ kind: 'audio', ...facts });
    expect(Math.abs(found.durationMs! - 3_000)).toBeLessThan(130);
    const output = mediaPath('rare-heard.flac');
    const asItIs = { format: 'flac', bitRate: 128_000, channels: null, sampleRate: null } as const;
    await media.run(convertAudio, { input, output, ...asItIs, signal });
    expect(Math.abs((await taken(output)).durationMs! - 3_000)).toBeLessThan(130);
  });
});

describe('a video', () => {
  const red = ['-f', 'lavfi', '-i', 'color=0xdc1e1e:s=64x48:r=10:d=1'];

  test.each<[string, string, readonly string[]]>([
    ['MP4 in fragments', 'mp4', ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', 'frag_keyframe+empty_moov']],
    ['ProRes 4444 with alpha', 'mov', ['-c:v', 'prores_ks', '-profile:v', '4444', '-pix_fmt', 'yuva444p10le']],
    ['VP9 with alpha', 'webm', ['-c:v', 'libvpx-vp9', '-pix_fmt', 'yuva420p', '-auto-alt-ref', '0']],
  ])('%s shows its color', async (name, extension, args) => {
    const input = await fileOf(
      `${name.replaceAll(/\W/g, '-')}.${extension}`,
      await made(`film-${extension}.${extension}`, ...red, ...args),
    );
    expect(await taken(input)).toMatchObject({ kind: 'video', width: 64, height: 48 });
    const output = mediaPath('rare-frame.png');
    await media.run(extractFrame, { input, output, at: { kind: 'time', ms: 500 }, signal });
    expect(isClose(await pixelAt(output, 30, 20), [220, 30, 30], 8)).toBe(true);
  });
});
