import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Media } from '../../media/media.ts';
import { extractFrame } from '../../media/operations/extract-frame.ts';
import { resizeVideo } from '../../media/operations/resize-video.ts';
import { trimVideo } from '../../media/operations/trim-video.ts';

/*
 * The largest videos that are taken, as encoders write them by themselves: frames refer to four others, before and after
 * them, and a decoder keeps all of these.
 */

interface LargeVideo {
  readonly name: string;
  /** Whether it stays within what a worker may take; a decoder alone may not. */
  readonly isHeld: boolean;
  /** Makes the file; what comes out works on it. */
  prepare(): Promise<(media: Media) => Promise<unknown>>;
}

const run = promisify(execFile);
const { signal } = new AbortController();

const references = 'ref=4:bframes=3:b-pyramid';
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-x264-params', `${references}=normal`];
const hevc = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', `${references}=1:log-level=error`];
const sdr = ['-pix_fmt', 'yuv420p'];
const pq = [
  ...['-pix_fmt', 'yuv420p10le', '-color_primaries', 'bt2020', '-color_trc', 'smpte2084'],
  ...['-colorspace', 'bt2020nc', '-color_range', 'tv'],
];

/** Each is a second long, and encoded without its beginning, made smaller, or looked at. */
export function largeVideos(folder: string, ffmpeg: string): LargeVideo[] {
  const output = join(folder, 'large-made.mp4');
  const make = async (size: string, encoding: readonly string[]) => {
    const file = join(folder, 'large.mp4');
    const source = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=24:duration=1`];
    await run(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...source, ...encoding, file]);
    return file;
  };
  const trimmed = (name: string, size: string, encoding: readonly string[], isHeld = true): LargeVideo => ({
    name: `trim video, encoded, of ${name}`,
    isHeld,
    prepare: async () => {
      const input = await make(size, encoding);
      const [from, to] = [{ kind: 'time', ms: 100 } as const, { kind: 'last' } as const];
      return (media) => media.run(trimVideo, { input, output, from, to, isEncoded: true, signal });
    },
  });
  const resized = (name: string, size: string, encoding: readonly string[]): LargeVideo => ({
    name: `resize video of ${name} to 1,920 px`,
    isHeld: true,
    prepare: async () => {
      const input = await make(size, encoding);
      const shape = { mode: 'fit', width: 1_920, height: null, aspect: null, place: 'center' } as const;
      return (media) =>
        media.run(resizeVideo, { input, output, ...shape, background: '#000000', frameRate: null, signal });
    },
  });
  const frame = (name: string, size: string, encoding: readonly string[]): LargeVideo => ({
    name: `extract a frame of ${name}`,
    isHeld: true,
    prepare: async () => {
      const input = await make(size, encoding);
      const picture = join(folder, 'large-frame.png');
      return (media) => media.run(extractFrame, { input, output: picture, at: { kind: 'last' }, signal });
    },
  });
  return [
    trimmed('4K', '3840x2160', [...h264, ...sdr]),
    trimmed('4K in 10 bits', '3840x2160', [...hevc, '-pix_fmt', 'yuv420p10le']),
    trimmed('4K in HDR', '4096x2160', [...hevc, ...pq]),
    resized('4K in HDR', '4096x2160', [...hevc, ...pq]),
    trimmed('4096 × 4096', '4096x4096', [...h264, ...sdr]),
    resized('4096 × 4096', '4096x4096', [...h264, ...sdr]),
    trimmed('4096 × 4096 in HDR', '4096x4096', [...hevc, ...pq], false),
    frame('4096 × 4096', '4096x4096', [...h264, ...sdr]),
    frame('4096 × 4096 in HDR', '4096x4096', [...hevc, ...pq]),
  ];
}
