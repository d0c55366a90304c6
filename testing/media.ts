import { afterAll } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync, crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { installedFfmpeg } from './frame-taker.ts';

/*
 * Makers of test pictures and clips. Nothing is committed: each file is made
 * once per test file, in a folder that is removed after its last test.
 */

export type Rgb = readonly [number, number, number];

/** The four quarters of test pictures, far apart so that lossy formats cannot mix them up. */
export const quarterColors = {
  topLeft: [220, 30, 30],
  topRight: [30, 200, 30],
  bottomLeft: [30, 30, 220],
  bottomRight: [220, 220, 30],
} as const satisfies Record<string, Rgb>;

const folder = join(tmpdir(), `heddle-media-${process.pid}-${randomUUID()}`);

// Not on the exit of the process: a test runner keeps that event to itself.
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A path in the folder of this test file, for a file that a test writes itself. */
export function mediaPath(name: string): string {
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
  }
  return join(folder, name);
}

const made = new Map<string, Promise<string>>();

/** Makes a file once per name. */
async function once(name: string, make: (file: string) => Promise<unknown>): Promise<string> {
  const existing = made.get(name);
  if (existing !== undefined) return existing;
  const making = (async () => {
    const temporary = mediaPath(`making-${name}`);
    await make(temporary);
    const file = mediaPath(name);
    renameSync(temporary, file);
    return file;
  })();
  made.set(name, making);
  return making;
}

/** A picture whose quarters have the quarterColors. */
export function quarters(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const isLeft = x < Math.floor(width / 2);
      const isTop = y < Math.floor(height / 2);
      const row = isTop ? 'top' : 'bottom';
      pixels.set(quarterColors[`${row}${isLeft ? 'Left' : 'Right'}`], (y * width + x) * 3);
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff';

/** The quarters in one of the formats. */
export function makePicture(format: PictureFormat, width = 80, height = 60): Promise<string> {
  return once(`quarters-${width}x${height}.${format}`, (file) => quarters(width, height).toFormat(format).toFile(file));
}

/** How a stored picture must be turned to undo each EXIF orientation: rotated clockwise, after a mirror. */
const storedAs: Readonly<Record<number, { mirror: boolean; rotate: number }>> = {
  1: { mirror: false, rotate: 0 },
  2: { mirror: true, rotate: 0 },
  3: { mirror: false, rotate: 180 },
  4: { mirror: true, rotate: 180 },
  5: { mirror: true, rotate: 270 },
  6: { mirror: false, rotate: 270 },
  7: { mirror: true, rotate: 90 },
  8: { mirror: false, rotate: 90 },
};

/**
 * A JPEG that shows the quarters upright once its EXIF orientation (1-8) is
 * applied. It also carries a camera name and a GPS position.
 */
export function makeOrientedJpeg(orientation: number, width = 80, height = 60): Promise<string> {
  return once(`orientation-${orientation}-${width}x${height}.jpg`, async (file) => {
    const { mirror, rotate } = storedAs[orientation] ?? { mirror: false, rotate: 0 };
    let pixels = await quarters(width, height).png().toBuffer();
    // Each step on its own: the library would put a mirror and a rotation into an order of its own.
    if (mirror) pixels = await sharp(pixels).flop().png().toBuffer();
    if (rotate !== 0) pixels = await sharp(pixels).rotate(rotate).png().toBuffer();
    await sharp(pixels)
      .jpeg({ quality: 95 })
      .withExif({
        IFD0: { Make: 'HeddleCam' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' },
      })
      .withMetadata({ orientation })
      .toFile(file);
  });
}

/** A JPEG with the Display P3 profile. */
export function makeP3Jpeg(): Promise<string> {
  return once('p3.jpg', (file) => quarters(80, 60).withIccProfile('p3').jpeg({ quality: 95 }).toFile(file));
}

export function makeCmykJpeg(): Promise<string> {
  return once('cmyk.jpg', async (file) => {
    const flat = await quarters(80, 60).png().toBuffer();
    await sharp(flat).toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 95 }).toFile(file);
  });
}

export function make16BitPng(): Promise<string> {
  return once('16-bit.png', async (file) => {
    const flat = await quarters(80, 60).png().toBuffer();
    await sharp(flat).toColourspace('rgb16').png().toFile(file);
  });
}

/** A picture with a transparent left half. */
export function makeTransparentPng(width = 80, height = 60): Promise<string> {
  return once(`transparent-${width}x${height}.png`, async (file) => {
    const half = { create: { width: width / 2, height, channels: 4 as const, background: '#dc1e1eff' } };
    await sharp({ create: { width, height, channels: 4, background: '#00000000' } })
      .composite([{ input: half, left: width / 2, top: 0 }])
      .png()
      .toFile(file);
  });
}

/** An animation; each frame is one plain color. */
export function makeAnimatedGif(frames: readonly Rgb[], width = 40, height = 30): Promise<string> {
  return once(`animated-${frames.length}-${width}x${height}.gif`, async (file) => {
    const pages = await Promise.all(
      frames.map(([r, g, b]) =>
        sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
          .png()
          .toBuffer(),
      ),
    );
    await sharp(pages, { join: { animated: true } })
      .gif()
      .toFile(file);
  });
}

/** A photo-like JPEG: noise, so that it is as large as a camera's. */
export function makePhotoJpeg(width: number, height: number): Promise<string> {
  return once(`photo-${width}x${height}.jpg`, (file) =>
    sharp({
      create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
    })
      .jpeg({ quality: 85 })
      .toFile(file),
  );
}

/** A valid PNG of one color, made without decoding it, so that it may have any size. */
export function makeBombPng(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.byteLength);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, checksum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // One bit a pixel, greyscale.
  header.writeUInt8(1, 8);
  const rows = deflateSync(Buffer.alloc((Math.ceil(side / 8) + 1) * side), { level: 9 });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The color at a point of a picture, as 8-bit sRGB. */
export async function pixelAt(file: string, x: number, y: number): Promise<Rgb> {
  const { data, info } = await sharp(file).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const offset = (y * info.width + x) * info.channels;
  return [data[offset] ?? -1, data[offset + 1] ?? -1, data[offset + 2] ?? -1];
}

/** Whether two colors are the same but for what lossy compression does. */
export function isClose(actual: Rgb, expected: Rgb, tolerance = 24): boolean {
  return actual.every((value, index) => Math.abs(value - (expected[index] ?? -1)) <= tolerance);
}

/** Makes clips; any ffmpeg does. */
async function ffmpeg(...args: string[]): Promise<void> {
  await promisify(execFile)(installedFfmpeg, ['-nostdin', '-v', 'error', '-y', ...args]);
}

/** The frame number that a picture taken from a counting clip shows. */
export async function frameIndexOf(file: string): Promise<number> {
  const { data, info } = await sharp(file)
    .removeAlpha()
    .resize(1, 1, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const step = (channel: number) => Math.round(((data[channel] ?? 0) - 16) / 32);
  return info.channels < 3 ? -1 : step(0) + 7 * step(1) + 49 * step(2);
}

const countingSource = (fps: number, seconds: number) =>
  `nullsrc=s=64x48:r=${fps}:d=${seconds},format=gbrp,` +
  `geq=r='16+32*mod(N,7)':g='16+32*mod(floor(N/7),7)':b='16+32*mod(floor(N/49),7)'`;

/** Colors that come back as they went in: full-range RGB through H.264 in 4:4:4. */
const exactColors = ['-c:v', 'libx264rgb', '-crf', '10', '-preset', 'veryfast', '-pix_fmt', 'rgb24'];

/** A clip whose every frame shows its own number as a color; `fps` frames a second, B-frames, a key frame every 50. */
export function makeCountingClip({ fps = 10, seconds = 3, audio = false } = {}): Promise<string> {
  return once(`counting-${fps}-${seconds}${audio ? '-audio' : ''}.mp4`, (file) =>
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      countingSource(fps, seconds),
      // The sound is longer than the picture, as with many phones.
      ...(audio ? ['-f', 'lavfi', '-i', `sine=d=${seconds + 0.4}`, '-c:a', 'aac'] : []),
      ...exactColors,
      '-g',
      '50',
      '-bf',
      '2',
      '-f',
      'mp4',
      file,
    ),
  );
}

/**
 * A counting clip of variable frame rate: the frame of index i is shown from
 * `startsAt[i]` (seconds) to the next one's start; the last one for 0.1 s.
 */
export function makeVariableRateClip(startsAt: readonly number[]): Promise<string> {
  return once(`variable-${startsAt.join('-')}.mp4`, (file) => {
    // The muxer gives the last frame no time of its own, so one more is added that only ends the clip.
    const moments = [...startsAt, (startsAt.at(-1) ?? 0) + 0.1];
    // The frames come at 10 a second; each is moved to the moment it is to be shown at.
    const moved = moments.reduceRight((rest, start, index) => `if(eq(N,${index}),${start},${rest})`, '0');
    const source = `${countingSource(10, moments.length / 10)},settb=1/1000,setpts='${moved}/TB'`;
    const rate = ['-vsync', 'vfr', '-enc_time_base', '1:1000'];
    return ffmpeg('-f', 'lavfi', '-i', source, ...rate, ...exactColors, '-g', '4', '-bf', '0', '-f', 'mp4', file);
  });
}

/** A phone's upright clip: stored lying on its side, with a display matrix that turns it. Shows the quarters. */
export function makeRotatedClip(): Promise<string> {
  return once('rotated.mp4', async (file) => {
    const upright = await quarters(60, 80).png().toBuffer();
    const lying = mediaPath('lying.png');
    await sharp(upright).rotate(270).png().toFile(lying);
    const plain = mediaPath('plain.mp4');
    await ffmpeg('-loop', '1', '-t', '1', '-r', '10', '-i', lying, ...exactColors, '-f', 'mp4', plain);
    await ffmpeg('-i', plain, '-c', 'copy', '-metadata:s:v:0', 'rotate=270', '-f', 'mp4', file);
  });
}

/** A clip made of what ffmpeg's own arguments say. */
export function makeClip(name: string, ...args: string[]): Promise<string> {
  return once(name, (file) => ffmpeg(...args, file));
}

/** Sounds by how their files end: a tone of three seconds, silent in its first second, in two channels. */
export const soundFormats = {
  mp3: ['-c:a', 'libmp3lame', '-b:a', '96k'],
  m4a: ['-c:a', 'aac', '-f', 'ipod'],
  aac: ['-c:a', 'aac', '-f', 'adts'],
  ogg: ['-c:a', 'libvorbis'],
  opus: ['-c:a', 'libopus'],
  flac: ['-c:a', 'flac'],
  wav: ['-c:a', 'pcm_s16le'],
  mp4: ['-c:a', 'aac', '-f', 'mp4'],
  webm: ['-c:a', 'libopus', '-f', 'webm'],
  aiff: ['-c:a', 'pcm_s16be'],
  aifc: ['-c:a', 'pcm_f32be', '-f', 'aiff'],
  caf: ['-c:a', 'pcm_s16le'],
  w64: ['-c:a', 'pcm_s16le'],
  rf64: ['-c:a', 'pcm_s24le', '-rf64', 'always', '-f', 'wav'],
} as const;

export type SoundFormat = keyof typeof soundFormats;

/** A sound of 48,000 Hz: silence for a second, then a tone, `seconds` in all. */
export function makeSound(format: SoundFormat, seconds = 3): Promise<string> {
  return once(`sound-${seconds}.${format}`, (file) =>
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      `aevalsrc='if(lt(t,1),0,0.8*sin(440*2*PI*t))|if(lt(t,1),0,0.8*sin(440*2*PI*t))':s=48000:d=${seconds}`,
      ...soundFormats[format],
      file,
    ),
  );
}
