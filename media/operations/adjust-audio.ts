import { z } from 'zod';
import { describeAudio, type DescribedAudio } from '../audio/describe-audio.ts';
import { findSound, measureLoudness } from '../audio/measure-sound.ts';
import { soundTargetSchema, writeSound } from '../audio/write-sound.ts';
import { programOperation, type MediaWorkshop } from '../operation.ts';

const params = z.object({
  /** LUFS by EBU R128; null: as it is. */
  loudness: z.number().nullable(),
  /** The highest true peak that loudness may lead to, in dBTP. */
  maxPeak: z.number(),
  /** dB. */
  gain: z.number(),
  /** Seconds. */
  fadeIn: z.number().nonnegative(),
  fadeOut: z.number().nonnegative(),
  /** Takes silence away: at both ends, or in pauses as well. */
  silence: z.enum(['keep', 'ends', 'pauses']),
  /** What is quieter counts as silence, in dB of full scale. */
  threshold: z.number(),
  /** Pauses are shortened to this, in seconds. */
  pause: z.number().positive(),
  ...soundTargetSchema,
});

/** What was done to reach a loudness. */
export type Leveling =
  | { readonly kind: 'none' }
  | { readonly kind: 'too-short' }
  /** By one gain in dB for all of it, or with the peaks held down. */
  | { readonly kind: 'gain' | 'limited'; readonly from: number; readonly gain: number };

/** Silence at the ends counts from this length on, in seconds. */
const shortestSilence = 0.05;

/**
 * Takes silence away, then changes the loudness, then fades. A loudness is measured in a first pass, as loudnorm does,
 * and reached by one gain for all of it where the peaks allow that, else by loudnorm, which holds them down. Throws AUDIO_*.
 */
export const adjustAudio = programOperation({
  name: 'adjust audio',
  params,
  async work({ input, ...request }, workshop) {
    const { signal } = request;
    const sound = await describeAudio({ input, signal }, workshop);
    const source = { input, sound, signal };
    const cut = await cutSilence(source, request, workshop);
    const gained = request.gain === 0 ? cut.filters : [...cut.filters, `volume=${request.gain}dB`];
    const level = await levelOf({ ...source, filters: gained }, { ...request, length: cut.length }, workshop);
    const filters = [...gained, ...level.filters, ...fades(request, level.length)];
    const written = await writeSound({ ...request, ...source, filters, length: level.length }, workshop);
    return { ...written, leveling: level.leveling, removedSeconds: Math.max(0, sound.length - level.length) };
  },
});

type Wanted = z.output<typeof params>;
interface Source {
  readonly input: string;
  readonly sound: DescribedAudio;
  readonly signal: AbortSignal;
}

async function cutSilence(
  source: Source,
  { silence, threshold, pause }: Wanted,
  workshop: MediaWorkshop,
): Promise<{ filters: string[]; length: number }> {
  const { length, info } = source.sound;
  if (silence === 'keep') return { filters: [], length };
  const found = await findSound({ ...source, filters: [], threshold, shortest: shortestSilence }, workshop);
  // Nothing but silence stays as it is: an empty file is none.
  if (found === null) return { filters: [], length };
  const sample = (seconds: number) => Math.round(seconds * info.sampleRate);
  const ends = [`atrim=start_sample=${sample(found.start)}:end_sample=${sample(found.end)}`, 'asetpts=PTS-STARTPTS'];
  if (silence === 'ends') return { filters: ends, length: found.end - found.start };
  const pauses = `silenceremove=stop_periods=-1:stop_duration=${pause}:stop_silence=${pause}:stop_threshold=${threshold}dB`;
  return { filters: [...ends, pauses, 'asetpts=N/SR/TB'], length: found.end - found.start };
}

async function levelOf(
  source: Source & { readonly filters: readonly string[] },
  { loudness: target, maxPeak, length, silence, fadeOut }: Wanted & { readonly length: number },
  workshop: MediaWorkshop,
): Promise<{ filters: string[]; length: number; leveling: Leveling }> {
  // How much is left of pauses shows only when it is done, and a fade counts from the end.
  if (target === null && (silence !== 'pauses' || fadeOut === 0)) {
    return { filters: [], length, leveling: { kind: 'none' } };
  }
  const found = await measureLoudness({ ...source, target: target ?? -16, peak: maxPeak }, workshop);
  const measured = silence === 'pauses' ? found.seconds : length;
  if (target === null) return { filters: [], length: measured, leveling: { kind: 'none' } };
  const { integrated } = found;
  if (integrated === null) return { filters: [], length: measured, leveling: { kind: 'too-short' } };
  const gain = Math.round((target - integrated) * 100) / 100;
  const leveling = { from: integrated, gain };
  if (found.peak + gain <= maxPeak) {
    return { filters: [`volume=${gain}dB`], length: measured, leveling: { kind: 'gain', ...leveling } };
  }
  const known =
    `measured_I=${integrated}:measured_TP=${found.peak}:measured_LRA=${found.range}` +
    `:measured_thresh=${found.threshold}:offset=${found.offset}`;
  return {
    filters: [
      `loudnorm=I=${target}:TP=${maxPeak}:LRA=20:${known}:linear=false`,
      // It works at 192 kHz, and leaves its output there.
      `aresample=${source.sound.info.sampleRate}`,
    ],
    length: measured,
    leveling: { kind: 'limited', ...leveling },
  };
}

/** Fades that are longer than the sound end with it. */
function fades({ fadeIn, fadeOut }: Wanted, length: number): string[] {
  const out = Math.min(fadeOut, length);
  return [
    ...(fadeIn > 0 ? [`afade=t=in:st=0:d=${Math.min(fadeIn, length).toFixed(6)}`] : []),
    ...(out > 0 ? [`afade=t=out:st=${(length - out).toFixed(6)}:d=${out.toFixed(6)}`] : []),
  ];
}
