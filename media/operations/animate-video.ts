import { z } from 'zod';
import { programOperation } from '../operation.ts';
import { describeFilm } from '../video/film.ts';
import { filmInput, uprightFilters } from '../video/film-output.ts';
import { checkAnimation, writeAnimation } from '../video/write-animation.ts';

/**
 * Makes an animated picture of a video, upright, without sound. GIF takes its colors from all frames in a first pass.
 * Throws IMAGE_TOO_MANY_PIXELS where its frames together have more than an animation may have, and VIDEO_*.
 */
export const animateVideo = programOperation({
  name: 'animate video',
  params: z.object({
    format: z.enum(['gif', 'webp']),
    /** Pixels; the video is never made larger. */
    width: z.number().int().positive(),
    /** Frames a second. */
    frameRate: z.number().positive(),
    /** Plays for ever, or once. */
    isLooped: z.boolean(),
  }),
  async work({ input, output, format, width: most, frameRate, isLooped, signal, onProgress }, { ffmpeg, limits }) {
    const film = await describeFilm({ input, signal }, { ffmpeg, limits });
    const width = Math.min(most, film.info.width);
    const height = Math.max(1, Math.round((film.info.height * width) / film.info.width));
    const frames = Math.max(1, Math.ceil(film.length * frameRate));
    checkAnimation({ width, height, frames }, limits);
    const upright = uprightFilters(film);
    // Colors are RGB from here on: what writes GIF and WebP would take them for those of another standard.
    const toRgb = `scale=${width}:${height}:flags=lanczos:in_color_matrix=bt709,format=${format === 'gif' ? 'rgb24' : 'bgra'}`;
    const pictures = `[0:${film.info.streamIndex}]${upright.filters},fps=${frameRate},${toRgb}`;
    await writeAnimation(ffmpeg, {
      ...{ inputs: [filmInput(input, film)], pictures, files: upright.files, format, isLooped, output },
      ...{ maxBytes: limits.maxImageBytes, length: film.length, onProgress, signal },
    });
    return { width, height, frames };
  },
});
