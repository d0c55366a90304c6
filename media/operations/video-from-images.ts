import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { describeAudio, type DescribedAudio } from '../audio/describe-audio.ts';
import { countedSamples, soundInput } from '../audio/write-sound.ts';
import { programOperation } from '../operation.ts';
import { pngSubject } from '../subjects.ts';
import { filmSoundOptions, mp4Options, pictureOptions } from '../video/film-output.ts';
import { slideFilters, type Motion, type Slide } from '../video/slide-filters.ts';

const side = z.number().int().positive().multipleOf(2);

const params = z.object({
  /** Our own PNG files, in order; `input` is the first of them. Seconds are how long each is the one that is shown. */
  pictures: z
    .array(
      z.object({
        file: z.string(),
        width: z.number().int().positive(),
        height: z.number().int().positive(),
        seconds: z.number().positive(),
      }),
    )
    .min(1),
  /** Pixels of the film. */
  width: side,
  height: side,
  /** How a picture of another shape is fitted. */
  mode: z.enum(['pad', 'cover', 'blur']),
  background: z.string().regex(/^#[0-9a-f]{6}$/i),
  transition: z.enum(['none', 'fade', 'slide', 'black']),
  /** Seconds; rounded to frames, at least one. */
  transitionSeconds: z.number().positive(),
  /** `varied`: in, to the right, out, to the left, in turn. */
  motion: z.enum(['none', 'in', 'out', 'varied']),
  frameRate: z.number().int().positive(),
  /** Path of a sound; null: none. */
  audio: z.string().nullable(),
  /** `audio`: the times of the pictures become shares of the length of the sound. */
  length: z.enum(['images', 'audio']),
});
type Request = z.output<typeof params>;

const motions: Readonly<Record<Request['motion'], readonly Motion[]>> = {
  none: ['none'],
  in: ['in'],
  out: ['out'],
  varied: ['in', 'right', 'out', 'left'],
};

/** A sound that is longer than the film ends so, in seconds; without it it would break off. */
const fadeOut = 1;

/**
 * Makes a film of pictures, each shown for its time. Picture i begins where the times before it end, whatever the
 * transition: that takes place while it begins. A longer sound fades out with the film, after a shorter one comes
 * silence. Throws NODE_DATA_INVALID where a picture is shown for less than a transition takes, VIDEO_TOO_LONG, AUDIO_*.
 */
export const videoFromImages = programOperation({
  name: 'video from images',
  params,
  async work({ output, signal, onProgress, input: _first, ...request }, workshop) {
    const { ffmpeg, limits } = workshop;
    const { pictures, width, height, frameRate: rate, transition } = request;
    const sound = request.audio === null ? null : await describeAudio({ input: request.audio, signal }, workshop);
    const slides = slidesOf(request, sound);
    const frames = slides.reduce((sum, slide) => sum + slide.frames, 0);
    const length = frames / rate;
    checkLength(length, limits.maxVideoMs);
    const fade =
      transition === 'none' || slides.length === 1 ? 0 : Math.max(1, Math.round(request.transitionSeconds * rate));
    checkTransitions(slides, fade, request);
    const filters = slideFilters(slides, {
      ...{ box: { width, height }, rate, fade, mode: request.mode, background: request.background },
      transition: transition === 'none' ? 'fade' : transition,
      motions: motions[request.motion],
    });
    const isHeard = sound !== null && request.audio !== null;
    await ffmpeg.write({
      inputs: [
        ...pictures.map(({ file }) => ({ file, subject: pngSubject, options: pictureInput(rate) })),
        ...(isHeard ? [soundInput(request.audio!)] : []),
      ],
      filters: [...filters, ...(isHeard ? [soundFilter(sound, slides.length, length)] : [])].join(';'),
      options: [
        ...['-map', '[pictures]', ...pictureOptions(String(rate))],
        ...(isHeard ? ['-map', '[sound]', ...filmSoundOptions({ channels: 2, sampleRate: 48_000 })] : ['-an']),
        ...mp4Options,
      ],
      ...{ output, maxBytes: limits.maxVideoBytes, length, onProgress, signal },
    });
    return { width, height, frames, seconds: slides.map((slide) => slide.frames / rate) };
  },
});

/** One picture that lasts for one frame: a second thread for every one of them would be idle. */
function pictureInput(rate: number): string[] {
  return ['-threads', '1', '-framerate', String(rate)];
}

/** Rounded where pictures begin, so that rounding never adds up. */
function slidesOf({ pictures, frameRate, length }: Request, sound: DescribedAudio | null): Slide[] {
  const asked = pictures.reduce((sum, { seconds }) => sum + seconds, 0);
  const scale = length === 'audio' && sound !== null ? sound.length / asked : 1;
  let seconds = 0;
  return pictures.map((picture) => {
    const from = Math.round(seconds * frameRate);
    seconds += picture.seconds * scale;
    const { width, height } = picture;
    return { width, height, frames: Math.max(1, Math.round(seconds * frameRate) - from) };
  });
}

function soundFilter({ info, length: own }: DescribedAudio, index: number, length: number): string {
  const common = 'aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo';
  const isCut = own > length + 0.05;
  const from = Math.max(0, length - fadeOut);
  const end = isCut ? `,afade=t=out:st=${from.toFixed(3)}:d=${(length - from).toFixed(3)}` : '';
  const samples = Math.round(length * 48_000);
  return `[${index}:${info.streamIndex}]${countedSamples},${common},apad,atrim=end_sample=${samples}${end}[sound]`;
}

function checkLength(seconds: number, maxVideoMs: number): void {
  if (seconds * 1_000 <= maxVideoMs) return;
  throw new TerminalError(
    'VIDEO_TOO_LONG',
    `The video would take ${Math.round(seconds)} s; up to ${maxVideoMs / 1_000} s are taken. Use fewer images, or show each for a shorter time.`,
    { details: { durationMs: Math.round(seconds * 1_000), maxMs: maxVideoMs } },
  );
}

function checkTransitions(slides: readonly Slide[], fade: number, { frameRate, transitionSeconds }: Request): void {
  const short = fade === 0 ? -1 : slides.findIndex(({ frames }) => frames <= fade);
  if (short < 0) return;
  const seconds = Math.round((slides[short]!.frames / frameRate) * 1_000) / 1_000;
  throw new TerminalError(
    'NODE_DATA_INVALID',
    `Image ${short + 1} is shown for ${seconds} s, which is too short for transitions of ${transitionSeconds} s. Show it for longer, or make the transitions shorter.`,
    { details: { field: 'transitionSeconds', image: short + 1 } },
  );
}
