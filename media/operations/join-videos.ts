import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { programOperation, type MediaWorkshop } from '../operation.ts';
import { describeEach } from '../settled.ts';
import { describeFilm, type Film } from '../video/film.ts';
import { filmInput, filmSoundOptions, mp4Options, pictureOptions, writeUpright } from '../video/film-output.ts';
import { joinFilters, type JoinPart } from '../video/join-filters.ts';
import { picturesLength } from '../video/pictures-length.ts';
import { steadyRate } from '../video/steady-rate.ts';
import { targetBox, type Size } from '../video/target-box.ts';

/** Above it a film whose frames last differently long takes no more frames than this. */
const usualMaxRate = 60;

/** What became of one of the parts. */
export interface JoinedPart {
  /** Upright, before it was fitted. */
  readonly width: number;
  readonly height: number;
  /** Frames a second on average. */
  readonly frameRate: number;
  readonly frames: number;
  readonly hasSound: boolean;
}

/**
 * Puts videos one after the other, the first of them being `input`. All take the size of the first, or of the one with
 * the most pixels, and one frame rate: `frameRate`, else that of the first. A crossfade overlaps neighbors by so many
 * seconds, rounded to frames. A part is as long as its pictures: sound that goes on after them is cut off, a part
 * without sound is silent. Throws TIMESTAMP_OUT_OF_RANGE where a part is shorter
 * than its crossfades, and VIDEO_*.
 */
export const joinVideos = programOperation({
  name: 'join videos',
  params: z.object({
    /** Paths, in order. */
    others: z.array(z.string()),
    /** Seconds; 0: none. */
    crossfade: z.number().nonnegative(),
    size: z.enum(['first', 'largest']),
    /** How a part of another shape is fitted. */
    mode: z.enum(['pad', 'cover', 'blur']),
    /** Beside a padded part: `#rrggbb`. */
    background: z.string().regex(/^#[0-9a-f]{6}$/i),
    /** Frames a second; null: those of the first part. */
    frameRate: z.number().positive().nullable(),
  }),
  async work({ input, output, others, crossfade, size, mode, background, frameRate, signal, onProgress }, workshop) {
    const { ffmpeg, limits } = workshop;
    const files = [input, ...others];
    const films = await describeEach(files, (file) => describeFilm({ input: file, signal }, workshop));
    const rate = frameRate === null ? await rateOf(films[0]!, { input, signal }, ffmpeg) : String(frameRate);
    const box = boxOf(films, size);
    const parts: JoinPart[] = [];
    for (const [index, film] of films.entries()) {
      const seconds = await picturesLength(film, { input: files[index]!, signal }, ffmpeg);
      // A film of one frame may have no length.
      parts.push({ film, frames: Math.max(1, Math.round(seconds * perSecond(rate))) });
    }
    const fade = crossfade === 0 || parts.length === 1 ? 0 : Math.max(1, Math.round(crossfade * perSecond(rate)));
    checkParts(parts, fade, crossfade, rate);
    const frames = parts.reduce((sum, part) => sum + part.frames, 0) - fade * (parts.length - 1);
    const length = frames / perSecond(rate);
    checkLength(length, limits.maxVideoMs);
    const { filters, files: tables, hasSound } = joinFilters(parts, { box, rate, fade, mode, background });
    const sound = hasSound ? ['-map', '[sound]', ...filmSoundOptions({ channels: 2, sampleRate: 48_000 })] : ['-an'];
    await writeUpright(ffmpeg, {
      inputs: films.map((film, index) => filmInput(files[index]!, film)),
      filters,
      files: tables,
      options: ['-map', '[pictures]', ...pictureOptions(rate, box, films), ...sound, ...mp4Options],
      output,
      maxBytes: limits.maxVideoBytes,
      length,
      onProgress,
      signal,
    });
    return { ...box, rate, frames, parts: parts.map(joinedPart) };
  },
});

function joinedPart({ film, frames }: JoinPart): JoinedPart {
  const { width, height } = film.info;
  return { width, height, frameRate: film.frameRate, frames, hasSound: film.sound !== null };
}

/** Of a ratio such as `30000/1001`. */
function perSecond(rate: string): number {
  const [top = 0, bottom = 1] = rate.split('/').map(Number);
  return top / bottom;
}

/** The film's own rate; where its frames last differently long, their average, rounded. */
async function rateOf(
  film: Film,
  source: { readonly input: string; readonly signal: AbortSignal },
  ffmpeg: MediaWorkshop['ffmpeg'],
): Promise<string> {
  return (
    (await steadyRate(film, source, ffmpeg)) ?? String(Math.min(usualMaxRate, Math.max(1, Math.round(film.frameRate))))
  );
}

function boxOf(films: readonly Film[], size: 'first' | 'largest'): Size {
  const pixels = ({ info }: Film) => info.width * info.height;
  const model =
    size === 'first' ? films[0]! : films.reduce((most, film) => (pixels(film) > pixels(most) ? film : most));
  return targetBox(model.info, { width: null, height: null, aspect: null, mode: 'pad' });
}

/** Throws where a part would be faded in and out at the same time. */
function checkParts(parts: readonly JoinPart[], fade: number, crossfade: number, rate: string): void {
  for (const [index, { frames }] of parts.entries()) {
    const ends = index === 0 || index === parts.length - 1 ? 1 : 2;
    if (fade === 0 || frames > fade * ends) continue;
    const ms = Math.round((frames / perSecond(rate)) * 1_000);
    throw new TerminalError(
      'TIMESTAMP_OUT_OF_RANGE',
      `Part ${index + 1} is ${ms / 1_000} s long, too short for crossfades of ${crossfade} s. Choose a shorter crossfade, or none.`,
      { details: { part: index + 1, durationMs: ms, crossfadeMs: Math.round(crossfade * 1_000) } },
    );
  }
}

function checkLength(seconds: number, maxVideoMs: number): void {
  if (seconds * 1_000 <= maxVideoMs) return;
  throw new TerminalError(
    'VIDEO_TOO_LONG',
    `The joined video would take ${Math.round(seconds)} s; up to ${maxVideoMs / 1_000} s are taken. Join fewer or shorter videos.`,
    { details: { durationMs: Math.round(seconds * 1_000), maxMs: maxVideoMs } },
  );
}
