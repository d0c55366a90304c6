import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import sharp from 'sharp';

/*
 * Clips whose every frame shows its own number: ten columns, a bit in each,
 * white for one. Small and lossy is enough to read them, and a picture that was
 * decoded from too little shows gray or a mixture, which is no number.
 */

export interface CountingClip {
  readonly name: string;
  readonly extension: 'mp4' | 'mov' | 'mkv' | 'webm' | 'avi';
  /** Numbers of the first and the last frame that are shown. */
  readonly first: number;
  readonly last: number;
  /** When the frame of a number starts, in seconds from the first picture; behind the last one it is the end. */
  startOf(number: number): number;
  /** Makes the clip with this ffmpeg. */
  make(ffmpeg: string, file: string): Promise<void>;
}

const bits = 10;
const column = 16;
const height = 32;

/** Sound enough to be read: a column whose middle is neither black nor white is none. */
const black = 64;
const white = 192;

/** The number that a frame of a counting clip shows; null where it cannot be read. */
export async function numberShown(picture: string): Promise<number | null> {
  const { data, info } = await sharp(picture).greyscale().raw().toBuffer({ resolveWithObject: true });
  if (info.width !== bits * column || info.height !== height) return null;
  let number = 0;
  for (let bit = 0; bit < bits; bit += 1) {
    const value = data[((height / 2) * info.width + bit * column + column / 2) * info.channels] ?? 0;
    if (value > black && value < white) return null;
    if (value >= white) number += 2 ** bit;
  }
  return number;
}

type Encoding = readonly string[];

/** Groups of a dozen frames, three B-frames between two others, and B-frames that others refer to. */
const h264: Encoding = ['-c:v', 'libx264', '-preset', 'veryfast', '-qp', '20', '-g', '12', '-bf', '3'];
const h264Steady = [...h264, '-x264-params', 'b-adapt=0:b-pyramid=normal:scenecut=0'];
const h264Open = [...h264, '-x264-params', 'open-gop=1:b-adapt=0:b-pyramid=normal:scenecut=0:keyint=8:min-keyint=8'];
const hevc = (isOpen: boolean): Encoding => [
  ...['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-x265-params'],
  `log-level=none:qp=20:open-gop=${isOpen ? 1 : 0}:keyint=8:min-keyint=8:bframes=3:b-adapt=0:b-pyramid=1:scenecut=0`,
];
const vpx = (codec: string): Encoding => [
  ...['-c:v', codec, '-deadline', 'good', '-cpu-used', '5', '-b:v', '1M', '-g', '12'],
  // Images that are stored and never shown.
  ...['-auto-alt-ref', '1', '-lag-in-frames', '16'],
];
const mpeg4: Encoding = ['-c:v', 'mpeg4', '-q:v', '2', '-g', '12', '-bf', '2'];

/** When a frame starts at a rate as ffmpeg reads it, `24000/1001`; in Matroska to the millisecond. */
function startAt(number: number, rate: string, isMatroska = false): number {
  const [top = 0, bottom = 1] = rate.split('/').map(Number);
  return isMatroska ? Math.round((number * 1_000 * bottom) / top) / 1_000 : (number * bottom) / top;
}

const run = promisify(execFile);

async function encode(ffmpeg: string, source: string, frames: number, options: Encoding, file: string): Promise<void> {
  const input = ['-f', 'lavfi', '-i', source];
  await run(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...input, '-frames:v', String(frames), ...options, file]);
}

/** Frames at a steady rate; `setpts` may move them. */
const source = (rate: string, moved = ''): string =>
  `nullsrc=s=${bits * column}x${height}:r=${rate},format=yuv420p,` +
  `geq=lum='16+219*mod(floor(N/pow(2,floor(X/${column}))),2)':cb=128:cr=128${moved}`;

interface Kind {
  readonly rate: string;
  readonly extension?: CountingClip['extension'];
  readonly options: Encoding;
}

function steady(name: string, frames: number, { rate, extension = 'mp4', options }: Kind): CountingClip {
  const isMatroska = extension === 'mkv' || extension === 'webm';
  return {
    name,
    extension,
    first: 0,
    last: frames - 1,
    startOf: (number) => startAt(number, rate, isMatroska),
    make: (ffmpeg, file) => encode(ffmpeg, source(rate), frames, options, file),
  };
}

/** Frames that last 10, 90, 40, 200 and 33 ms by turns; the last one ends as it starts, as muxers know no better. */
function variable(name: string, frames: number, { extension = 'mp4', options }: Omit<Kind, 'rate'>): CountingClip {
  const lengths = [10, 90, 40, 200, 33];
  const sum = (of: readonly number[]) => of.reduce((total, length) => total + length, 0);
  const startInRound = (index: number) => sum(lengths.slice(0, index));
  const last = frames - 1;
  const startOf = (number: number) => {
    const shown = Math.min(number, last);
    return (Math.floor(shown / lengths.length) * sum(lengths) + startInRound(shown % lengths.length)) / 1_000;
  };
  const within = lengths.map((_, index) => `eq(mod(N,${lengths.length}),${index})*${startInRound(index)}`).join('+');
  const moved = `,settb=1/1000,setpts='floor(N/${lengths.length})*${sum(lengths)}+${within}'`;
  // The frames may not be moved onto a steady rate again.
  const kept = ['-vsync', 'passthrough', '-enc_time_base', '1:1000'];
  return {
    name,
    extension,
    first: 0,
    last,
    startOf,
    make: (ffmpeg, file) => encode(ffmpeg, source('10', moved), frames, [...options, ...kept], file),
  };
}

/** A clip that was cut out of another one without decoding: the edit list hides what is stored before its beginning. */
function cut(name: string, frames: number, from: number, { rate, options }: Kind): CountingClip {
  const whole = steady(name, frames, { rate, options });
  return {
    ...whole,
    first: from,
    startOf: (number) => startAt(number - from, rate),
    async make(ffmpeg, file) {
      const uncut = `${file}.uncut.mp4`;
      try {
        await whole.make(ffmpeg, uncut);
        const seek = ['-ss', startAt(from - 0.1, rate).toFixed(6)];
        await run(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...seek, '-i', uncut, '-c', 'copy', file]);
      } finally {
        await rm(uncut, { force: true });
      }
    },
  };
}

/** One clip of each kind, with so many frames. */
export function countingClips(frames: number): readonly CountingClip[] {
  const rates = ['24', '25', '30', '50', '60000/1001', '24000/1001', '120', '240'];
  const late = ['-output_ts_offset', '30'];
  return [
    ...rates.map((rate) => steady(`MP4 at ${rate}`, frames, { rate, options: h264Steady })),
    ...['24000/1001', '60000/1001', '240'].map((rate) =>
      steady(`Matroska at ${rate}`, frames, { rate, extension: 'mkv', options: h264Steady }),
    ),
    // An edit list would end with the last frame's start, and hide it.
    variable('MP4 at a variable rate', frames, { options: [...h264Steady, '-use_editlist', '0'] }),
    variable('Matroska at a variable rate', frames, { extension: 'mkv', options: h264Steady }),
    variable('WebM at a variable rate', frames, { extension: 'webm', options: vpx('libvpx') }),
    steady('H.264 with open groups', frames, { rate: '25', options: h264Open }),
    steady('H.264 with open groups in Matroska', frames, { rate: '25', extension: 'mkv', options: h264Open }),
    steady('HEVC with open groups', frames, { rate: '24000/1001', options: hevc(true) }),
    steady('HEVC with open groups in Matroska', frames, { rate: '25', extension: 'mkv', options: hevc(true) }),
    steady('HEVC with closed groups', frames, { rate: '30', options: hevc(false) }),
    steady('MP4 without edit list', frames, { rate: '25', options: [...h264Steady, '-use_editlist', '0'] }),
    steady('MP4 with negative offsets', frames, {
      rate: '25',
      options: [...h264Steady, '-movflags', 'negative_cts_offsets'],
    }),
    steady('MP4 in fragments', frames, {
      rate: '30000/1001',
      options: [...h264Steady, '-movflags', 'frag_keyframe+empty_moov+default_base_moof'],
    }),
    steady('MP4 whose clock starts at 30 s', frames, { rate: '25', options: [...h264Steady, ...late] }),
    steady('Matroska whose clock starts at 30 s', frames, {
      rate: '25',
      extension: 'mkv',
      options: [...h264Steady, ...late],
    }),
    cut('MP4 cut within a group', frames, 5, { rate: '25', options: h264Steady }),
    cut('HEVC with open groups cut at a group', frames, 8, { rate: '25', options: hevc(true) }),
    steady('MP4 with a frame a second and few key frames', frames, { rate: '1', options: [...h264, '-g', '40'] }),
    steady('QuickTime with B-frames', frames, { rate: '30000/1001', extension: 'mov', options: h264Steady }),
    steady('WebM of VP8 with hidden frames', frames, { rate: '25', extension: 'webm', options: vpx('libvpx') }),
    steady('WebM of VP9 with hidden frames', frames, {
      rate: '30000/1001',
      extension: 'webm',
      options: vpx('libvpx-vp9'),
    }),
    steady('AVI of H.264 with B-frames', frames, { rate: '25', extension: 'avi', options: h264Steady }),
    steady('AVI of MPEG-4 with B-frames', frames, { rate: '24000/1001', extension: 'avi', options: mpeg4 }),
    steady('MP4 of MPEG-4 with B-frames', frames, { rate: '25', options: mpeg4 }),
  ];
}

/** Moments in which the frame of a number is shown, in ms, as precise as a moment can be asked for. */
export function momentsOf(clip: CountingClip, number: number): Readonly<Record<'start' | 'middle' | 'end', number>> {
  const start = clip.startOf(number);
  const next = clip.startOf(number + 1);
  const precise = (seconds: number) => Math.round(seconds * 1e7) / 1e4;
  // A tenth of a millisecond before the next one; the last frame of a file may be said to be shorter than it is.
  const end = number === clip.last ? start + (next - start) * 0.75 : next - 0.000_1;
  return { start: precise(start), middle: precise((start + next) / 2), end: precise(end) };
}
