import { z } from 'zod';
import { describeAudio } from '../audio/describe-audio.ts';
import { countedSamples, soundInput } from '../audio/write-sound.ts';
import { programOperation } from '../operation.ts';
import { settled } from '../settled.ts';
import { describeFilm, type Film } from '../video/film.ts';
import { filmInput, filmSoundOptions, inStep, mp4Options, writeUpright } from '../video/film-output.ts';
import { keptPictures } from '../video/kept-pictures.ts';

const params = z.object({
  /** Path of the audio file. */
  audio: z.string(),
  /** `mix` keeps the sound of the video as well. */
  mode: z.enum(['replace', 'mix']),
  /** Holds the new sound down while that of the video is heard. */
  isDucked: z.boolean(),
  /** Of the new sound, in dB. */
  gain: z.number(),
  /** When it begins, in seconds of the video. */
  startsAt: z.number().nonnegative(),
});

/** Mixed at a rate and in channels that everything plays. */
const common = 'aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo';

/** 10 dB down under a voice, back within a third of a second. */
const ducking = 'sidechaincompress=threshold=0.03:ratio=8:attack=20:release=300';

/**
 * Puts a sound to a video, in place of its own or beside it. The video keeps its length: a longer sound is cut, after a
 * shorter one comes silence. Pictures are copied where MP4 takes them. Throws VIDEO_* and AUDIO_*.
 */
export const addAudio = programOperation({
  name: 'add audio',
  params,
  async work({ input, output, signal, onProgress, ...wanted }, workshop) {
    const { ffmpeg, limits } = workshop;
    const [film, added] = await settled([
      describeFilm({ input, signal }, workshop),
      describeAudio({ input: wanted.audio, signal }, workshop),
    ]);
    const pictures = await keptPictures(film, { input, signal }, ffmpeg);
    const work = {
      inputs: [filmInput(input, film), soundInput(wanted.audio)],
      filters: [...pictures.filters, ...soundFilters(film, added.info.streamIndex, wanted)].join(';'),
      files: pictures.files,
      options: [
        ...[...pictures.options, '-map', '[sound]', ...filmSoundOptions({ channels: 2, sampleRate: 48_000 })],
        ...['-t', film.length.toFixed(6), ...mp4Options],
      ],
      output,
      maxBytes: limits.maxVideoBytes,
      length: film.length,
      onProgress,
      signal,
    };
    if (pictures.isCopied) await ffmpeg.write(work);
    else await writeUpright(ffmpeg, work);
    return { hasOwnSound: film.sound !== null };
  },
});

function soundFilters(
  { sound }: Film,
  streamIndex: number,
  { mode, isDucked, gain, startsAt }: z.output<typeof params>,
): string[] {
  const delay = Math.round(startsAt * 1_000);
  const late = delay === 0 ? '' : `,adelay=${delay}|${delay}`;
  const added = `[1:${streamIndex}]${countedSamples},${common},volume=${gain}dB${late},apad`;
  if (mode === 'replace' || sound === null) return [`${added}[sound]`];
  const own = `[0:${sound.streamIndex}]${inStep},${common},apad`;
  // Every version halves two inputs that go on for ever; the limiter keeps both together from clipping.
  const mix = 'amix=inputs=2:dropout_transition=0,volume=2,alimiter=limit=0.97:level=disabled[sound]';
  if (!isDucked) return [`${added}[added]`, `${own}[own]`, `[own][added]${mix}`];
  return [`${added}[added]`, `${own},asplit[own][voice]`, `[added][voice]${ducking}[ducked]`, `[own][ducked]${mix}`];
}
