import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { describeAudio, type DescribedAudio } from '../audio/describe-audio.ts';
import { countedSamples, soundInput } from '../audio/write-sound.ts';
import { programOperation } from '../operation.ts';
import { filmSoundOptions, mp4Options, pictureOptions } from '../video/film-output.ts';
import { withPictureStream } from '../video/picture-stream.ts';
import { slideFilters, type Motion } from '../video/slide-filters.ts';

const side = z.number().int().positive().multipleOf(2);

const params = z.object({
  /** Our own PNG files of one size, in the shape of the film; `input` is the first. Seconds are how long each is shown. */
  pictures: z.array(z.object({ file: z.string(), seconds: z.number().positive() })).min(1),
  /** Pixels of the film. */
  width: side,
  height: side,
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
    const frames = slides.reduce((sum, own) => sum + own, 0);
    const length = frames / rate;
    checkLength(length, limits.maxVideoMs);
    const fade =
      transition === 'none' || slides.length === 1 ? 0 : Math.max(1, Math.round(request.transitionSeconds * rate));
    checkTransitions(slides, fade, request);
    const filters = slideFilters(slides, {
      ...{ box: { width, height }, rate, fade },
      transition: transition === 'none' ? 'fade' : transition,
      motions: motions[request.motion],
    });
    const isHeard = sound !== null && request.audio !== null;
    const files = pictures.map(({ file }) => file);
    await withPictureStream({ files, rate: String(rate), beside: output, signal }, (input) =>
      ffmpeg.write({
        inputs: [input, ...(isHeard ? [soundInput(request.audio!)] : [])],
        filters: [...filters, ...(isHeard ? [soundFilter(sound, length)] : [])].join(';'),
        options: [
          ...['-map', '[pictures]', ...pictureOptions(String(rate))],
          ...(isHeard ? ['-map', '[sound]', ...filmSoundOptions({ channels: 2, sampleRate: 48_000 })] : ['-an']),
          ...mp4Options,
        ],
        ...{ output, maxBytes: limits.maxVideoBytes, length, onProgress, signal },
      }),
    );
    return { width, height, frames, seconds: slides.map((own) => own / rate) };
  },
});

/** The frames of each, rounded where pictures begin, so that rounding never adds up. */
function slidesOf({ pictures, frameRate, length }: Request, sound: DescribedAudio | null): number[] {
  const asked = pictures.reduce((sum, { seconds }) => sum + seconds, 0);
  const scale = length === 'audio' && sound !== null ? sound.length / asked : 1;
  let seconds = 0;
  return pictures.map((picture) => {
    const from = Math.round(seconds * frameRate);
    seconds += picture.seconds * scale;
    return Math.max(1, Math.round(seconds * frameRate) - from);
  });
}

function soundFilter({ info, length: own }: DescribedAudio, length: number): string {
  const common = 'aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo';
  const isCut = own > length + 0.05;
  const from = Math.max(0, length - fadeOut);
  const end = isCut ? `,afade=t=out:st=${from.toFixed(3)}:d=${(length - from).toFixed(3)}` : '';
  const samples = Math.round(length * 48_000);
  return `[1:${info.streamIndex}]${countedSamples},${common},apad,atrim=end_sample=${samples}${end}[sound]`;
}

function checkLength(seconds: number, maxVideoMs: number): void {
  if (seconds * 1_000 <= maxVideoMs) return;
  throw new TerminalError(
    'VIDEO_TOO_LONG',
    `The video would take ${Math.round(seconds)} s; up to ${maxVideoMs / 1_000} s are taken. Use fewer images, or show each for a shorter time.`,
    { details: { durationMs: Math.round(seconds * 1_000), maxMs: maxVideoMs } },
  );
}

function checkTransitions(slides: readonly number[], fade: number, { frameRate, transitionSeconds }: Request): void {
  const short = fade === 0 ? -1 : slides.findIndex((own) => own <= fade);
  if (short < 0) return;
  const seconds = Math.round((slides[short]! / frameRate) * 1_000) / 1_000;
  throw new TerminalError(
    'NODE_DATA_INVALID',
    `Image ${short + 1} is shown for ${seconds} s, which is too short for transitions of ${transitionSeconds} s. Show it for longer, or make the transitions shorter.`,
    { details: { field: 'transitionSeconds', image: short + 1 } },
  );
}
