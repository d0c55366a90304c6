import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { programOperation } from '../operation.ts';
import { describeFilm } from '../video/film.ts';
import { filmInput, uprightFilters } from '../video/film-output.ts';
import { pngSubject } from '../subjects.ts';

const options = {
  gif: ['-c:v', 'gif', '-f', 'gif'],
  webp: ['-c:v', 'libwebp_anim', '-quality', '75', '-compression_level', '4', '-f', 'webp'],
} as const;

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
    checkPixels({ width, height, frames }, limits.maxAnimationPixels);
    const upright = uprightFilters(film);
    // Colors are RGB from here on: what writes GIF and WebP would take them for those of another standard.
    const toRgb = `scale=${width}:${height}:flags=lanczos:in_color_matrix=bt709,format=${format === 'gif' ? 'rgb24' : 'bgra'}`;
    const pictures = `[0:${film.info.streamIndex}]${upright.filters},fps=${frameRate},${toRgb}`;
    const common = { files: upright.files, maxBytes: limits.maxImageBytes, length: film.length, signal };
    // GIF counts 0 as for ever and -1 as once, WebP 0 and 1.
    const loop = ['-loop', isLooped ? '0' : format === 'gif' ? '-1' : '1'];
    const last = { ...common, output, onProgress };
    if (format === 'webp') {
      const inputs = [filmInput(input, film)];
      await ffmpeg.write({
        ...last,
        inputs,
        filters: `${pictures}[out]`,
        options: ['-map', '[out]', ...options.webp, ...loop],
      });
      return { width, height, frames };
    }
    const palette = `${output}.palette`;
    try {
      // In a pass of its own: in one go all frames would be kept until the palette is there.
      await ffmpeg.write({
        ...common,
        inputs: [filmInput(input, film)],
        filters: `${pictures},palettegen=stats_mode=diff[palette]`,
        options: ['-map', '[palette]', '-frames:v', '1', '-c:v', 'png', '-f', 'image2pipe'],
        output: palette,
      });
      await ffmpeg.write({
        ...last,
        inputs: [filmInput(input, film), { file: palette, subject: pngSubject }],
        filters: `${pictures}[frames];[frames][1:0]paletteuse=dither=bayer:bayer_scale=5:diff_mode=rectangle[out]`,
        options: ['-map', '[out]', ...options.gif, ...loop],
      });
    } finally {
      await rm(palette, { force: true });
    }
    return { width, height, frames };
  },
});

function checkPixels(size: { width: number; height: number; frames: number }, most: number): void {
  const pixels = size.width * size.height * size.frames;
  if (pixels <= most) return;
  throw new TerminalError(
    'IMAGE_TOO_MANY_PIXELS',
    `The animation would have ${size.frames} frames of ${size.width} × ${size.height}, ${pixels} pixels in all; up to ${most} are taken. Trim the video first, or ask for a smaller width or frame rate.`,
    { details: { pixels, maxPixels: most } },
  );
}
