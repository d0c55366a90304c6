import { manyPixels } from './color-bands.ts';
import { planColors } from './video-colors.ts';
import type { VideoInfo } from './video-info.ts';

/*
 * How much memory a video takes to be written anew, as measured on H.264, HEVC, VP9 and AV1 of 1080p to 4096 × 4096
 * (docs/performance.md). The more of it goes to the pictures that are read, the fewer the encoder keeps.
 */

/** In pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

interface DescribedInput {
  readonly info: VideoInfo;
}

const pixelsOf = ({ width, height }: PictureSize): number => width * height;

interface Encoding {
  /** Held for each pixel of a picture, with what filters hand over. */
  readonly bytes: number;
  readonly options: readonly string[];
}

const quality = ['-crf', '19'];

/** From the one that keeps some forty pictures, to look ahead and to refer to, to the one that keeps the fewest. */
const encodings: readonly [Encoding, ...Encoding[]] = [
  { bytes: 93, options: quality },
  // For 2 to 10 % more bytes.
  {
    bytes: 28,
    options: [...quality, '-x264-params', 'rc-lookahead=2:sync-lookahead=0:bframes=0:sliced-threads=1'],
  },
  // Without small copies, which a factor of quality asks for, and without pictures between pixels: of 4K in HDR 28 to 55 % more
  // bytes than with two pictures ahead, 2.2 to 4.5 dB nearer to the source.
  {
    bytes: 12,
    options: [
      ...['-qp', '21', '-x264-params'],
      'rc-lookahead=0:sync-lookahead=0:bframes=0:sliced-threads=1:scenecut=0:weightp=0:subme=0',
    ],
  },
];

/** In bytes: with a worker and the programs themselves, all stay below 600 MB. */
const maxPictureBytes = 450_000_000;

/** Pictures that a decoder keeps: those that others refer to, those that wait for their turn, and motion. */
const decodedPictures = 10;

/** Of a pixel with 16 bits in three colors, before its table of colors. */
const tableBytes = 6;

/** How pictures of `size` are encoded that are made of `films`, all of which are read at once. */
export function encoderOptions(size: PictureSize, films: readonly DescribedInput[]): readonly string[] {
  const left = maxPictureBytes - films.reduce((sum, film) => sum + readBytes(film), 0);
  const fitting = encodings.find(({ bytes }) => bytes * pixelsOf(size) <= left);
  return (fitting ?? encodings.at(-1)!).options;
}

function readBytes({ info }: DescribedInput): number {
  const { color } = info;
  const stored = decodedPictures * bytesOf(color.pixelFormat);
  return pixelsOf(info) * (stored + (planColors(color).table === null ? 0 : tableBytes));
}

/** Of a pixel, as ffmpeg names the format: `yuv420p`, `yuv422p10le`, `gbrp`. */
function bytesOf(pixelFormat: string): number {
  const samples = /420|nv12|p01/.test(pixelFormat) ? 1.5 : /422|440|nv16/.test(pixelFormat) ? 2 : 3;
  const isDeep = /(9|1\d|48|64)(le|be)$/.test(pixelFormat);
  return samples * (isDeep ? 2 : 1);
}

/** In pixels. */
const mostPixels = 9_000_000;

/** Reads large pictures one at a time: a decoder with two threads would else begin the next ones in buffers of their own. */
export function decoderOptions({ info }: DescribedInput): readonly string[] {
  const pixels = pixelsOf(info);
  // The decoder of AV1 holds back twice as many, and is told in its own way; it still works with both threads.
  if (info.color.codec === 'av1') return pixels > manyPixels ? ['-flags', '+low_delay'] : [];
  return pixels > mostPixels ? ['-thread_type', 'slice'] : [];
}
