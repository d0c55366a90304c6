import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { layerShape } from '../../core/node-type/layer-fields.ts';
import { anchorShares } from '../image/anchor.ts';
import { framePositionSchema } from '../frame-position.ts';
import { programOperation } from '../operation.ts';
import { pngSubject } from '../subjects.ts';
import { secondsOf } from '../video/extract-frame.ts';
import { describeFilm, type Film } from '../video/film.ts';
import {
  filmInput,
  keptSound,
  lastFilters,
  mp4Options,
  pictureOptions,
  uprightFilters,
  writeUpright,
} from '../video/film-output.ts';
import { steadyRate } from '../video/steady-rate.ts';
import { drawOverlay, overlaySchema } from './video-overlay.ts';
import type { WriteInput, WriteRequest } from '../write-request.ts';

const { anchor, x, y, width, height, opacity } = layerShape;
const clipSchema = z.object({ file: z.string(), anchor, x, y, width, height, opacity });

const params = z.object({
  from: framePositionSchema,
  to: framePositionSchema,
  /** Seconds in which an image or a text becomes visible and goes again; 0: at once. */
  fade: z.number().min(0),
  overlay: overlaySchema,
  /** A video that runs on the video from `from` on, without its sound, and is gone when it ends. */
  clip: clipSchema.nullable(),
});

/** Times are printed with six decimals; a frame that begins at a moment is not before it. */
const margin = 0.0004;

/**
 * Lays an image, a text and a clip over a video, from one moment to another. The video keeps its length, size and sound.
 * Throws TIMESTAMP_OUT_OF_RANGE, NODE_DATA_INVALID, IMAGE_* and VIDEO_*.
 */
export const overlayVideo = programOperation({
  name: 'overlay video',
  params,
  async work({ input, output, signal, onProgress, overlay, clip, ...when }, workshop) {
    const { ffmpeg, images, limits, owner } = workshop;
    const film = await describeFilm({ input, signal }, workshop);
    const span = spanOf(film, when);
    const rate = await steadyRate(film, { input, signal }, ffmpeg);
    const { width: wide, height: high } = film.info;
    const png = `${output}.png`;
    try {
      const drawn = await images.run(
        drawOverlay,
        { input: '', output: png, width: wide, height: high, overlay },
        signal,
        owner,
      );
      const upright = uprightFilters(film);
      const work: Work = {
        inputs: [filmInput(input, film)],
        filters: [`[0:${film.info.streamIndex}]${upright.filters}[layer0]`],
        files: [...upright.files],
        last: 'layer0',
      };
      const films = [film];
      if (clip !== null) {
        const above = await describeFilm({ input: clip.file, signal }, workshop);
        addClip(work, { clip, film: above, on: film, span });
        films.push(above);
      }
      if (drawn !== null) addPicture(work, { png, ...drawn, span, fade: when.fade, frameRate: film.frameRate });
      await writeUpright(ffmpeg, {
        inputs: work.inputs,
        filters: [...work.filters, `[${work.last}]${lastFilters(rate)}[pictures]`].join(';'),
        files: work.files,
        options: ['-map', '[pictures]', ...pictureOptions(rate, film.info, films), ...keptSound(film), ...mp4Options],
        output,
        maxBytes: limits.maxVideoBytes,
        length: film.length,
        onProgress,
        signal,
      });
      return { from: span.from, to: span.to };
    } finally {
      await rm(png, { force: true });
    }
  },
});

/** Seconds from the first picture. */
interface Span {
  readonly from: number;
  readonly to: number;
}

function spanOf(film: Film, when: Pick<z.output<typeof params>, 'from' | 'to'>): Span {
  const [from, to] = [secondsOf(when.from, film) ?? film.length, secondsOf(when.to, film) ?? film.length];
  if (to > from) return { from, to };
  throw new TerminalError(
    'TIMESTAMP_OUT_OF_RANGE',
    `The overlay ends at ${to.toFixed(2)} s, before it begins at ${from.toFixed(2)} s. Choose an end after the start.`,
    { details: { durationMs: Math.round(film.length * 1_000) } },
  );
}

/** What ffmpeg is told, one overlay after the other. */
interface Work {
  readonly inputs: WriteInput[];
  readonly filters: string[];
  readonly files: NonNullable<WriteRequest['files']>[number][];
  /** The label of what comes out so far. */
  last: string;
}

/** Colors stay what they are only where the conversion is told: overlays are RGB or BT.709, as the video is here. */
const toVideo = 'scale=out_color_matrix=bt709:out_range=tv,format=yuva420p';

function within({ from, to }: Span): string {
  return `enable='gte(t,${(from - margin).toFixed(6)})*lt(t,${(to - margin).toFixed(6)})'`;
}

function lay(work: Work, above: string, place: string): void {
  const label = `layer${work.inputs.length}`;
  work.filters.push(`[${work.last}][${above}]overlay=${place}:format=yuv420[${label}]`);
  work.last = label;
}

interface PictureToAdd {
  readonly png: string;
  readonly left: number;
  readonly top: number;
  readonly span: Span;
  readonly fade: number;
  readonly frameRate: number;
}

function addPicture(work: Work, { png, left, top, span, fade, frameRate }: PictureToAdd): void {
  const index = work.inputs.length;
  work.inputs.push({ file: png, subject: pngSubject });
  if (fade === 0) {
    // One picture, which stays.
    work.filters.push(`[${index}:0]${toVideo}[above${index}]`);
    lay(work, `above${index}`, `${left}:${top}:${within(span)}`);
    return;
  }
  const length = span.to - span.from;
  const each = Math.min(fade, length / 2);
  const rate = Math.max(1, Math.round(frameRate));
  const frames = Math.ceil(length * rate) + 1;
  work.filters.push(
    `[${index}:0]${toVideo},loop=loop=${frames - 1}:size=1:start=0,setpts=N/${rate}/TB,` +
      `fade=t=in:st=0:d=${each.toFixed(6)}:alpha=1,fade=t=out:st=${(length - each).toFixed(6)}:d=${each.toFixed(6)}:alpha=1,` +
      `setpts=PTS+${span.from.toFixed(6)}/TB[above${index}]`,
  );
  lay(work, `above${index}`, `${left}:${top}:eof_action=pass:${within(span)}`);
}

interface ClipToAdd {
  readonly clip: z.output<typeof clipSchema>;
  readonly film: Film;
  readonly on: Film;
  readonly span: Span;
}

function addClip(work: Work, { clip, film, on, span }: ClipToAdd): void {
  const index = work.inputs.length;
  const size = clipSize(clip, film.info, on.info);
  const share = anchorShares(clip.anchor);
  const left = Math.round((on.info.width - size.width) * share.x + (on.info.width * clip.x) / 100);
  const top = Math.round((on.info.height - size.height) * share.y + (on.info.height * clip.y) / 100);
  const { filters, files } = uprightFilters(film, `clip${index}`);
  work.inputs.push(filmInput(clip.file, film));
  work.files.push(...files);
  const thin = clip.opacity === 100 ? '' : `,colorchannelmixer=aa=${(clip.opacity / 100).toFixed(4)}`;
  work.filters.push(
    `[${index}:${film.info.streamIndex}]${filters},scale=${size.width}:${size.height}:flags=bicubic,format=yuva420p${thin},` +
      `setpts=PTS-STARTPTS+${span.from.toFixed(6)}/TB[above${index}]`,
  );
  lay(work, `above${index}`, `${left}:${top}:eof_action=pass:${within(span)}`);
}

/** Even, as the colors of two by two pixels are one. */
function clipSize(
  clip: z.output<typeof clipSchema>,
  own: { readonly width: number; readonly height: number },
  base: { readonly width: number; readonly height: number },
): { width: number; height: number } {
  const even = (side: number) => Math.max(2, Math.round(side / 2) * 2);
  const wide = clip.width === null ? null : (base.width * clip.width) / 100;
  const high = clip.height === null ? null : (base.height * clip.height) / 100;
  const scale = wide === null ? (high === null ? 1 : high / own.height) : wide / own.width;
  return { width: even(wide ?? own.width * scale), height: even(high ?? own.height * scale) };
}
