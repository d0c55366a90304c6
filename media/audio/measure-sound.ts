import type { MediaWorkshop } from '../operation.ts';
import type { DescribedAudio } from './describe-audio.ts';
import { countedSamples, soundInput } from './write-sound.ts';

interface Measured {
  readonly input: string;
  readonly sound: DescribedAudio;
  /** What is done to the sound before it is measured. */
  readonly filters: readonly string[];
  readonly signal: AbortSignal;
}

/** Loudness by EBU R128, as the first pass of loudnorm gives it. */
export interface Loudness {
  /** In LUFS; null where there is too little sound to say. */
  readonly integrated: number | null;
  /** True peak in dBTP. */
  readonly peak: number;
  /** In LU. */
  readonly range: number;
  /** In LUFS. */
  readonly threshold: number;
  /** What the second pass of loudnorm is told, in LU. */
  readonly offset: number;
  /** Seconds of what was measured. */
  readonly seconds: number;
}

/** Below this, in LUFS, the meter has gated everything. */
const silence = -69;

/** Measures how loud a sound is; `target` and `peak` are those that it is to have. */
export async function measureLoudness(
  measured: Measured & { readonly target: number; readonly peak: number },
  workshop: MediaWorkshop,
): Promise<Loudness> {
  const values = new Map<string, number>();
  const filter = `loudnorm=I=${measured.target}:TP=${measured.peak}:LRA=20:print_format=json`;
  const seconds = await measure({ ...measured, filters: [...measured.filters, filter] }, workshop, (line) => {
    const [, name, value] = /"(\w+)"\s*:\s*"([^"]+)"/.exec(line) ?? [];
    if (name !== undefined) values.set(name, Number(value));
  });
  const value = (name: string) => values.get(name) ?? Number.NEGATIVE_INFINITY;
  const integrated = value('input_i');
  return {
    integrated: Number.isFinite(integrated) && integrated > silence ? integrated : null,
    peak: value('input_tp'),
    range: value('input_lra'),
    threshold: value('input_thresh'),
    offset: value('target_offset'),
    seconds,
  };
}

/** Where the sound is, in seconds; null where there is nothing but silence. */
export interface Sounding {
  readonly start: number;
  readonly end: number;
}

/** Finds the silence at both ends. `threshold` in dB of full scale; `shortest` in seconds. */
export async function findSound(
  measured: Measured & { readonly threshold: number; readonly shortest: number },
  workshop: MediaWorkshop,
): Promise<Sounding | null> {
  let first: { start: number; end: number | null } | null = null;
  let last: { start: number; end: number | null } | null = null;
  const filter = `silencedetect=noise=${measured.threshold}dB:duration=${measured.shortest}`;
  const seconds = await measure({ ...measured, filters: [...measured.filters, filter] }, workshop, (line) => {
    const start = /silence_start: (-?[\d.e-]+)/.exec(line)?.[1];
    const end = /silence_end: (-?[\d.e-]+)/.exec(line)?.[1];
    if (start !== undefined) last = { start: Math.max(0, Number(start)), end: null };
    if (end !== undefined && last !== null) last.end = Number(end);
    first ??= last;
  });
  return soundBetween(first, last, seconds);
}

/** Silence that goes on to the end is told as ended there by some versions, by others not at all. */
const nearEnd = 0.05;

function soundBetween(
  first: { start: number; end: number | null } | null,
  last: { start: number; end: number | null } | null,
  seconds: number,
): Sounding | null {
  const start = first !== null && first.start <= 0.001 ? (first.end ?? seconds) : 0;
  const isToEnd = last !== null && (last.end === null || last.end >= seconds - nearEnd);
  const end = isToEnd ? last!.start : seconds;
  return end > start ? { start, end } : null;
}

function measure(
  { input, sound, filters, signal }: Measured,
  { ffmpeg }: MediaWorkshop,
  onLine: (line: string) => void,
): Promise<number> {
  return ffmpeg.write({
    inputs: [soundInput(input)],
    options: [
      '-map',
      `0:${sound.info.streamIndex}`,
      '-sn',
      '-dn',
      '-af',
      [countedSamples, ...filters].join(','),
      '-f',
      'null',
    ],
    // Nothing is written there; the folder is where ffmpeg runs.
    output: input,
    maxBytes: Number.MAX_SAFE_INTEGER,
    length: null,
    isMeasured: true,
    onLine,
    signal,
  });
}
