import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { programOperation } from '../operation.ts';
import { describeFilm } from '../video/film.ts';
import {
  filmInput,
  keptSound,
  lastFilters,
  mp4Options,
  pictureOptions,
  uprightFilters,
  writeUpright,
} from '../video/film-output.ts';
import { shapeFilters } from '../video/shape-filters.ts';
import { steadyRate } from '../video/steady-rate.ts';
import { scaledInto, targetBox } from '../video/target-box.ts';

const side = z.number().int().positive().nullable();

/**
 * Writes a video in another size and shape, upright, with square pixels, in another frame rate where `frameRate` is
 * given. Sound stays as it is where MP4 takes it. Gives the size. Throws VIDEO_*.
 */
export const resizeVideo = programOperation({
  name: 'resize video',
  params: z.object({
    mode: z.enum(['fit', 'cover', 'pad', 'blur']),
    width: side,
    height: side,
    /** Width by height. */
    aspect: z.number().positive().nullable(),
    place: z.enum(['center', 'top', 'bottom', 'left', 'right']),
    /** Beside a padded picture: `#rrggbb`. */
    background: z.string().regex(/^#[0-9a-f]{6}$/i),
    /** Frames a second; null: as they are. */
    frameRate: z.number().positive().nullable(),
  }),
  async work({ input, output, signal, onProgress, ...wanted }, { ffmpeg, limits }) {
    const film = await describeFilm({ input, signal }, { ffmpeg, limits });
    const box = targetBox(film.info, wanted);
    const size = wanted.mode === 'fit' ? scaledInto(film.info, box, 'lie') : box;
    if (Math.max(size.width, size.height) > limits.maxVideoSide) {
      throw new TerminalError(
        'VIDEO_TOO_LARGE',
        `The video would have ${size.width} × ${size.height} pixels; up to ${limits.maxVideoSide} on a side are taken. Ask for fewer.`,
        { details: { ...size, maxSide: limits.maxVideoSide } },
      );
    }
    const upright = uprightFilters(film);
    const { frameRate } = wanted;
    const rate = frameRate === null ? await steadyRate(film, { input, signal }, ffmpeg) : String(frameRate);
    const resampled = frameRate === null ? [] : [`fps=${frameRate}`];
    await writeUpright(ffmpeg, {
      inputs: [filmInput(input, film)],
      filters: [
        `[0:${film.info.streamIndex}]${upright.filters}[upright]`,
        `[upright]${[shapeFilters(film.info, size, wanted), 'setsar=1', ...resampled, lastFilters(rate)].join(',')}[pictures]`,
      ].join(';'),
      files: upright.files,
      options: ['-map', '[pictures]', ...pictureOptions(rate, size, [film]), ...keptSound(film), ...mp4Options],
      output,
      maxBytes: limits.maxVideoBytes,
      length: film.length,
      onProgress,
      signal,
    });
    return { width: size.width, height: size.height };
  },
});
