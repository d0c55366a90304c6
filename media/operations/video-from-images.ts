import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { describeAudio, type DescribedAudio } from '../audio/describe-audio.ts';
import { countedSamples, soundInput } from '../audio/write-sound.ts';
import type { Ffmpeg } from '../ffmpeg.ts';
import { programOperation } from '../operation.ts';
import { listSubject } from '../subjects.ts';
import { filmSoundOptions, mp4Options, pictureOptions, timescale } from '../video/film-output.ts';
import { withPictureStream } from '../video/picture-stream.ts';
import { slideFilters, type Motion, type SlideShape } from '../video/slide-filters.ts';
import { slideGroups, type SlideGroup } from '../video/slide-groups.ts';
import type { WriteInput } from '../write-request.ts';

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
  /** Pictures that are in memory at the same time. More than these are made into a film in groups. */
  atOnce: z.number().int().min(2),
});
type Request = z.output<typeof params>;

const motions: Readonly<Record<Request['motion'], readonly Motion[]>> = {
  none: ['none'],
  in: ['in'],
  out: ['out'],
  varied: ['in', 'right', 'out', 'left'],
};

/** The share of the work that is done once all groups are there. */
const groupShare = 0.97;

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
    const shape: SlideShape = {
      ...{ box: { width, height }, rate, fade },
      transition: transition === 'none' ? 'fade' : transition,
      motions: motions[request.motion],
    };
    const groups = slideGroups(slides, transition === 'black' ? 0 : fade, request.atOnce);
    const track = sound === null ? null : { sound, file: request.audio!, length };
    const common = { pictures, shape, maxBytes: limits.maxVideoBytes, signal };
    if (groups.length === 1) await writeGroup(ffmpeg, { ...common, group: groups[0]!, track, output, onProgress });
    else await writeGroups(ffmpeg, { ...common, groups, track, output, onProgress });
    return { width, height, frames, seconds: slides.map((own) => own / rate) };
  },
});

interface Track {
  readonly sound: DescribedAudio;
  readonly file: string;
  /** Seconds of the film. */
  readonly length: number;
}

interface Film {
  readonly pictures: Request['pictures'];
  readonly shape: SlideShape;
  readonly track: Track | null;
  readonly output: string;
  readonly maxBytes: number;
  readonly onProgress: ((share: number) => void) | undefined;
  readonly signal: AbortSignal;
}

async function writeGroup(
  ffmpeg: Ffmpeg,
  { group, pictures, shape, track, ...common }: Film & { readonly group: SlideGroup },
): Promise<void> {
  const { rate } = shape;
  const files = group.parts.map(({ picture }) => pictures[picture]!.file);
  const source = { files, rate: String(rate), beside: common.output, signal: common.signal };
  await withPictureStream(source, (input) =>
    ffmpeg.write({
      ...common,
      inputs: [input, ...inputsOf(track)],
      filters: [...slideFilters(group, shape), ...soundFilters(track)].join(';'),
      options: [
        '-map',
        '[pictures]',
        ...pictureOptions(String(rate), shape.box, []),
        ...soundOptions(track),
        ...mp4Options,
      ],
      length: group.frames / rate,
    }),
  );
}

/** Each group on its own; then they are put one after the other, as they are, and get the sound. */
async function writeGroups(
  ffmpeg: Ffmpeg,
  { groups, track, output, onProgress, ...common }: Film & { readonly groups: readonly SlideGroup[] },
): Promise<void> {
  const { rate } = common.shape;
  const all = groups.reduce((sum, { frames }) => sum + frames, 0);
  const folder = dirname(output);
  const id = randomUUID();
  const parts = groups.map((group, index) => ({ group, name: `${id}-${index}.mp4` }));
  const list = join(folder, `${id}.txt`);
  try {
    let done = 0;
    for (const { group, name } of parts) {
      const before = done;
      const tell = (share: number) => onProgress?.(((before + share * group.frames) / all) * groupShare);
      await writeGroup(ffmpeg, { ...common, group, track: null, output: join(folder, name), onProgress: tell });
      done += group.frames;
    }
    await writeFile(list, parts.map(({ name }) => `file ${name}\n`).join(''));
    const filters = soundFilters(track);
    await ffmpeg.write({
      inputs: [{ file: list, subject: listSubject, options: ['-f', 'concat'] }, ...inputsOf(track)],
      ...(filters.length > 0 && { filters: filters.join(';') }),
      options: [
        ...['-map', '0:v', '-c:v', 'copy', '-video_track_timescale', timescale],
        ...soundOptions(track),
        ...mp4Options,
      ],
      ...{ output, maxBytes: common.maxBytes, length: all / rate, signal: common.signal },
      onProgress: (share) => onProgress?.(groupShare + share * (1 - groupShare)),
    });
  } finally {
    for (const file of [list, ...parts.map(({ name }) => join(folder, name))]) await rm(file, { force: true });
  }
}

function inputsOf(track: Track | null): WriteInput[] {
  return track === null ? [] : [soundInput(track.file)];
}

function soundFilters(track: Track | null): string[] {
  return track === null ? [] : [soundFilter(track.sound, track.length)];
}

function soundOptions(track: Track | null): string[] {
  return track === null ? ['-an'] : ['-map', '[sound]', ...filmSoundOptions({ channels: 2, sampleRate: 48_000 })];
}

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
