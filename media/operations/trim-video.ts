import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { framePositionSchema } from '../frame-position.ts';
import { programOperation, type MediaWorkshop } from '../operation.ts';
import { describeVideo, findPicture, secondsOf } from '../video/extract-frame.ts';
import { describeFilm, type Film } from '../video/film.ts';
import { steadyRate } from '../video/steady-rate.ts';
import {
  filmInput,
  filmSoundOptions,
  inStep,
  lastFilters,
  mp4Options,
  pictureOptions,
  uprightFilters,
  writeUpright,
} from '../video/film-output.ts';
import type { FramePosition } from '../../core/node-type/timestamp.ts';
import type { Turn } from '../video/video-info.ts';
import type { WriteRequest } from '../write-request.ts';

/** A frame where a film is cut. */
interface Cut {
  /** When it starts, in seconds from the first picture. */
  readonly time: number;
  /** Counted from 0, of a film without a clock. */
  readonly number: number;
  /** Nothing before it is needed to decode it. */
  readonly isKey: boolean;
}

interface Source {
  readonly input: string;
  readonly signal: AbortSignal;
}

/** Codecs that MP4 takes and that players know there. */
const copiedPictures = ['h264', 'hevc'];
const copiedSounds = ['aac', 'mp3'];

/** Two times that differ by less than this are one. In seconds. */
const sameTime = 0.0005;

/** A copy whose length is further off than this, in seconds, has lost or won pictures. */
const lengthTolerance = 0.1;

/**
 * Keeps the part from the frame that is shown at `from` up to the frame that is shown at `to`, without that one; up to
 * the end where `to` is the last frame or the end. Sound is cut at the same times. Copied where that is exact, unless
 * `isEncoded`; the answer says which, and why. Throws TIMESTAMP_OUT_OF_RANGE and VIDEO_*.
 */
export const trimVideo = programOperation({
  name: 'trim video',
  params: z.object({ from: framePositionSchema, to: framePositionSchema, isEncoded: z.boolean() }),
  async work({ input, output, from, to, isEncoded, signal, onProgress }, workshop) {
    const { ffmpeg, limits } = workshop;
    const source = { input, signal };
    const film = await describeFilm(source, workshop);
    const start = await startAt(from, film, source, workshop);
    const end = await endAt(to, film, source, workshop);
    if (end !== null && end.time <= start.time + sameTime) throw empty(film, start.time, end.time);
    const length = (end?.time ?? film.length) - start.time;
    const common = { output, maxBytes: limits.maxVideoBytes, length, onProgress, signal };
    const obstacle = isEncoded ? 'this was asked for' : obstacleOf(film, start, end);
    if (obstacle === null) {
      await ffmpeg.write({ ...common, ...copyOf(input, film, start, end) });
      const copied = await describeVideo({ input: output, signal }, workshop);
      // Some builds lose how a picture is turned, and pictures that refer to what is not there any more.
      const isWhole = Math.abs(copied.length - length) <= lengthTolerance;
      if (isWhole && sameTurn(copied.info.turn, film.info.turn)) return { isCopied: true, obstacle: null };
    }
    const rate = await steadyRate(film, source, ffmpeg);
    await writeUpright(ffmpeg, { ...common, ...encodingOf(input, film, { start, end, rate }) });
    return { isCopied: false, obstacle: obstacle ?? 'a copy would not have been exact' };
  },
});

async function startAt(at: FramePosition, film: Film, source: Source, { ffmpeg }: MediaWorkshop): Promise<Cut> {
  return cutAt(secondsOf(at, film), film, source, ffmpeg);
}

async function endAt(at: FramePosition, film: Film, source: Source, { ffmpeg }: MediaWorkshop): Promise<Cut | null> {
  const seconds = secondsOf(at, film);
  return seconds === null || seconds >= film.length - sameTime ? null : cutAt(seconds, film, source, ffmpeg);
}

async function cutAt(
  seconds: number | null,
  film: Film,
  source: Source,
  ffmpeg: MediaWorkshop['ffmpeg'],
): Promise<Cut> {
  const { picture, number } = await findPicture(seconds, film, source, ffmpeg);
  const { info, frameRate } = film;
  if (info.isCounted) return { time: (number - 1) / frameRate, number: number - 1, isKey: false };
  const isKey = picture.start !== null && Math.abs(picture.start.time - picture.time) < sameTime;
  return { time: Math.max(0, picture.time - info.firstPicture), number: 0, isKey };
}

/** Why a copy would not be exact, as the rest of a sentence; null where it is. */
function obstacleOf({ info, codec, sound, hasReordering }: Film, start: Cut, end: Cut | null): string | null {
  if (info.isCounted || !copiedPictures.includes(codec)) return `MP4 does not take its pictures (${codec}) as they are`;
  if (sound !== null && !copiedSounds.includes(sound.codec))
    return `MP4 does not take its sound (${sound.codec}) as it is`;
  if (!start.isKey) return 'the first frame depends on frames before it';
  if (end !== null && hasReordering) return 'frames before the end depend on frames after it';
  return null;
}

type Writing = Pick<WriteRequest, 'inputs' | 'options' | 'filters' | 'files'>;

function copyOf(input: string, film: Film, start: Cut, end: Cut | null): Writing {
  const { info, sound, codec } = film;
  return {
    inputs: [filmInput(input, film, start.time)],
    options: [
      ...['-map', `0:${info.streamIndex}`, ...(sound === null ? [] : ['-map', `0:${sound.streamIndex}`])],
      // Players of Apple take HEVC under this name only.
      ...['-c', 'copy', ...(codec === 'hevc' ? ['-tag:v', 'hvc1'] : [])],
      ...(end === null ? [] : ['-t', (end.time - start.time).toFixed(6)]),
      ...mp4Options,
    ],
  };
}

/** A film is read so much further than needed, in seconds, as frames and sound are not stored in the order of their times. */
const readAhead = 5;

function encodingOf(
  input: string,
  film: Film,
  { start, end, rate }: { start: Cut; end: Cut | null; rate: string | null },
): Writing {
  const { info, sound } = film;
  const { filters, files } = uprightFilters(film);
  const length = end === null ? null : end.time - start.time;
  const from = filmInput(input, film, info.isCounted ? 0 : start.time);
  const most = length === null || info.isCounted ? [] : ['-t', (length + readAhead).toFixed(6)];
  return {
    inputs: [{ ...from, options: [...(from.options ?? []), ...most] }],
    filters: `[0:${info.streamIndex}]${pictureCut(info.isCounted, start, end)}${filters},${lastFilters(rate)}[pictures]`,
    files,
    options: [
      ...['-map', '[pictures]', ...pictureOptions(rate, info, [film])],
      ...(sound === null
        ? []
        : ['-map', `0:${sound.streamIndex}`, '-af', soundCut(info.isCounted, start, end), ...filmSoundOptions(sound)]),
      ...mp4Options,
    ],
  };
}

/** Without a clock frames are counted; else the film has been read from the first one on, and ends a little before the next. */
function pictureCut(isCounted: boolean, start: Cut, end: Cut | null): string {
  if (isCounted) {
    const last = end === null ? '' : `:end_frame=${end.number}`;
    return `trim=start_frame=${start.number}${last},setpts=PTS-STARTPTS,`;
  }
  return end === null ? '' : `trim=end=${(end.time - start.time - sameTime).toFixed(6)},`;
}

function soundCut(isCounted: boolean, start: Cut, end: Cut | null): string {
  const from = isCounted ? start.time : 0;
  const to = end === null ? '' : `:end=${(from + end.time - start.time).toFixed(6)}`;
  return `atrim=start=${from.toFixed(6)}${to},asetpts=PTS-${from.toFixed(6)}/TB,${inStep}`;
}

function sameTurn(one: Turn, other: Turn): boolean {
  return one.isTransposed === other.isTransposed && one.flipsX === other.flipsX && one.flipsY === other.flipsY;
}

function empty({ length }: Film, from: number, to: number): TerminalError {
  const shown = (seconds: number) => `${Math.round(seconds * 1_000) / 1_000} s`;
  return new TerminalError(
    'TIMESTAMP_OUT_OF_RANGE',
    `Nothing is left: the part would begin at ${shown(from)} and end at ${shown(to)}. Choose an end after the start; the video ends at ${shown(length)}.`,
    { details: { fromMs: Math.round(from * 1_000), toMs: Math.round(to * 1_000) } },
  );
}
