import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installedFfmpeg, installedFfprobe } from './frame-taker.ts';
import type { Rgb } from './media.ts';

/*
 * What files are, by programs that no product code uses here: ffprobe's own answers, and pictures and samples as ffmpeg
 * decodes the file from its beginning.
 */

const maxBuffer = 256 * 1_048_576;

async function output(program: string, args: readonly string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)(program, args, { encoding: 'buffer', maxBuffer });
  return stdout;
}

export interface ProbedStream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_rate?: string;
  readonly channels?: number;
  readonly avg_frame_rate?: string;
  readonly nb_read_frames?: string;
  readonly duration?: string;
  readonly start_time?: string;
  readonly pix_fmt?: string;
  readonly sample_aspect_ratio?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly disposition?: Readonly<Record<string, number>>;
}

/** What ffprobe says of all streams and of the file, with frames counted by decoding them. */
export async function probeFile(
  file: string,
): Promise<{ streams: readonly ProbedStream[]; format: { format_name: string; duration: string } }> {
  const args = ['-v', 'error', '-count_frames', '-of', 'json', '-show_streams', '-show_format', file];
  return JSON.parse((await output(installedFfprobe, args)).toString()) as Awaited<ReturnType<typeof probeFile>>;
}

/** When each picture is shown, in seconds on the clock of the file. */
export async function pictureTimes(file: string): Promise<number[]> {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'frame=best_effort_timestamp_time'];
  const lines = (await output(installedFfprobe, [...args, '-of', 'csv=p=0', file])).toString();
  return lines.split('\n').filter(Boolean).map(Number.parseFloat);
}

/** All pictures as a player shows them, each `width` by `height` in RGB. */
export async function picturesOf(file: string, width: number, height: number): Promise<Buffer[]> {
  const args = ['-nostdin', '-v', 'error', '-i', file, '-map', '0:v:0', '-vsync', '0', '-f', 'rawvideo'];
  const scale = ['-vf', `scale=${width}:${height}:flags=area`, '-pix_fmt', 'rgb24', '-'];
  const bytes = await output(installedFfmpeg, [...args, ...scale]);
  const size = width * height * 3;
  return Array.from({ length: bytes.length / size }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** The color at a share (0 to 1) of the width and the height of one of the pictures. */
export function colorAt(picture: Buffer, width: number, x: number, y: number): Rgb {
  const height = picture.length / 3 / width;
  const offset = (Math.floor(y * height) * width + Math.floor(x * width)) * 3;
  return [picture[offset]!, picture[offset + 1]!, picture[offset + 2]!];
}

/** The numbers that the pictures of a counting clip show. */
export async function countedFrames(file: string): Promise<number[]> {
  const pictures = await picturesOf(file, 1, 1);
  const step = (value: number) => Math.round((value - 16) / 32);
  return pictures.map(([red = 0, green = 0, blue = 0]) => step(red) + 7 * step(green) + 49 * step(blue));
}

/** The samples of the first track of sound, of one channel at `rate` a second, from -1 to 1. */
export async function samplesOf(file: string, rate = 48_000): Promise<Float32Array> {
  const args = [
    '-nostdin',
    '-v',
    'error',
    '-i',
    file,
    '-map',
    '0:a:0',
    '-ac',
    '1',
    '-ar',
    String(rate),
    '-f',
    'f32le',
    '-',
  ];
  const bytes = await output(installedFfmpeg, args);
  return new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength - (bytes.length % 4)),
  );
}

/** The first second at which a sound is louder than `level`; -1 where it never is. */
export function loudFrom(samples: Float32Array, level = 0.05, rate = 48_000): number {
  const at = samples.findIndex((value) => Math.abs(value) > level);
  return at < 0 ? -1 : at / rate;
}
