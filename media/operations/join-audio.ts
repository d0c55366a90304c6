import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { crossfadedSounds } from '../audio/crossfade.ts';
import { describeAudio, type DescribedAudio } from '../audio/describe-audio.ts';
import { fittingShape, formatOfCodec, soundExtension, soundOptions } from '../audio/sound-formats.ts';
import { countedSamples, soundInput, soundTargetSchema } from '../audio/write-sound.ts';
import { programOperation } from '../operation.ts';
import { describeEach } from '../settled.ts';

/**
 * Puts audio files one after the other, the first of them being `input`. All take the highest sample rate of them, and
 * two channels where one has more than one. A crossfade overlaps neighbors by so many seconds. `original` is the format
 * of the first. Throws TIMESTAMP_OUT_OF_RANGE where a part is shorter than its crossfades, and AUDIO_*.
 */
export const joinAudio = programOperation({
  name: 'join audio',
  params: z.object({
    /** Paths, in order. */
    others: z.array(z.string()),
    /** Seconds; 0: none. */
    crossfade: z.number().nonnegative(),
    ...soundTargetSchema,
  }),
  async work({ input, output, others, crossfade, format, bitRate, signal, onProgress }, workshop) {
    const { ffmpeg, limits } = workshop;
    const files = [input, ...others];
    const sounds = await describeEach(files, (file) => describeAudio({ input: file, signal }, workshop));
    checkCrossfade(sounds, crossfade);
    const target = format === 'original' ? (formatOfCodec(sounds[0]!.info.codec) ?? 'aac') : format;
    const shape = fittingShape(target, {
      channels: sounds.some(({ info }) => info.channels > 1) ? 2 : 1,
      sampleRate: Math.max(...sounds.map(({ info }) => info.sampleRate)),
    });
    await ffmpeg.write({
      inputs: files.map(soundInput),
      filters: joinFilters(sounds, crossfade, shape),
      options: ['-map', '[joined]', '-vn', '-sn', '-dn', ...soundOptions(target, shape, bitRate)],
      output,
      maxBytes: limits.maxAudioBytes,
      length: sounds.reduce((sum, { length }) => sum + length, 0) - crossfade * (sounds.length - 1),
      onProgress,
      signal,
    });
    return { extension: soundExtension(target), ...shape };
  },
});

function joinFilters(
  sounds: readonly DescribedAudio[],
  crossfade: number,
  { channels, sampleRate }: { channels: number; sampleRate: number },
): string {
  const layout = channels === 1 ? 'mono' : 'stereo';
  const common = `aformat=sample_fmts=fltp:sample_rates=${sampleRate}:channel_layouts=${layout}`;
  const parts = sounds.map(({ info, length }, index) => {
    const label = `part${index}`;
    const samples = Math.round(length * sampleRate);
    // What is measured of a compressed sound may be off by the silence that its encoder added.
    const exact = crossfade > 0 && index < sounds.length - 1 ? `,apad,atrim=end_sample=${samples}` : '';
    return { label, samples, filters: `[${index}:${info.streamIndex}]${countedSamples},${common}${exact}[${label}]` };
  });
  const made = parts.map(({ filters }) => filters);
  if (sounds.length === 1) return [...made, '[part0]anull[joined]'].join(';');
  if (crossfade > 0)
    return [...made, ...crossfadedSounds(parts, Math.round(crossfade * sampleRate), 'joined')].join(';');
  const all = parts.map(({ label }) => `[${label}]`).join('');
  return [...made, `${all}concat=n=${sounds.length}:v=0:a=1[joined]`].join(';');
}

/** Throws where a part would be faded in and out at the same time. */
function checkCrossfade(parts: readonly { readonly length: number }[], crossfade: number): void {
  if (crossfade === 0) return;
  for (const [index, { length }] of parts.entries()) {
    const ends = index === 0 || index === parts.length - 1 ? 1 : 2;
    if (length > crossfade * ends) continue;
    throw new TerminalError(
      'TIMESTAMP_OUT_OF_RANGE',
      `Part ${index + 1} is ${Math.round(length * 1_000) / 1_000} s long, too short for crossfades of ${crossfade} s. Choose a shorter crossfade, or none.`,
      {
        details: {
          part: index + 1,
          durationMs: Math.round(length * 1_000),
          crossfadeMs: Math.round(crossfade * 1_000),
        },
      },
    );
  }
}
