import { rm } from 'node:fs/promises';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { MediaLimits } from '../../core/limits.ts';
import type { Ffmpeg } from '../ffmpeg.ts';
import { pngSubject } from '../subjects.ts';
import type { WriteRequest } from '../write-request.ts';

const encoders = {
  gif: ['-c:v', 'gif', '-f', 'gif'],
  webp: ['-c:v', 'libwebp_anim', '-quality', '75', '-compression_level', '4', '-f', 'webp'],
} as const;

type AnimationFormat = keyof typeof encoders;

interface AnimationRequest extends Pick<
  WriteRequest,
  'inputs' | 'files' | 'output' | 'maxBytes' | 'length' | 'onProgress' | 'signal'
> {
  /** Filters that give the pictures out in RGB; what they end with is taken, under no name. */
  readonly pictures: string;
  readonly format: AnimationFormat;
  /** Plays for ever, or once. */
  readonly isLooped: boolean;
}

/** Writes pictures as one that moves. GIF takes its colors from all of them in a first pass. */
export async function writeAnimation(
  ffmpeg: Ffmpeg,
  { pictures, format, isLooped, output, onProgress, ...common }: AnimationRequest,
): Promise<void> {
  // GIF counts 0 as for ever and -1 as once, WebP 0 and 1.
  const loop = ['-loop', isLooped ? '0' : format === 'gif' ? '-1' : '1'];
  const options = ['-map', '[out]', ...encoders[format], ...loop];
  if (format === 'webp') {
    await ffmpeg.write({ ...common, output, onProgress, filters: `${pictures}[out]`, options });
    return;
  }
  const palette = `${output}.palette`;
  try {
    // In a pass of its own: in one go all frames would be kept until the palette is there.
    await ffmpeg.write({
      ...common,
      filters: `${pictures},palettegen=stats_mode=diff[palette]`,
      options: ['-map', '[palette]', '-frames:v', '1', '-c:v', 'png', '-f', 'image2pipe'],
      output: palette,
    });
    const frames = `[frames][${common.inputs.length}:0]`;
    await ffmpeg.write({
      ...{ ...common, output, onProgress, options },
      inputs: [...common.inputs, { file: palette, subject: pngSubject }],
      filters: `${pictures}[frames];${frames}paletteuse=dither=bayer:bayer_scale=5:diff_mode=rectangle[out]`,
    });
  } finally {
    await rm(palette, { force: true });
  }
}

/** Throws IMAGE_TOO_MANY_PIXELS where all frames together have more pixels than an animation may have. */
export function checkAnimation(
  size: { readonly width: number; readonly height: number; readonly frames: number },
  { maxAnimationPixels: most }: MediaLimits,
): void {
  const pixels = size.width * size.height * size.frames;
  if (pixels <= most) return;
  throw new TerminalError(
    'IMAGE_TOO_MANY_PIXELS',
    `The animation would have ${size.frames} frames of ${size.width} × ${size.height}, ${pixels} pixels in all; up to ${most} are taken. Trim the video first, take fewer images, or ask for a smaller width or frame rate.`,
    { details: { pixels, maxPixels: most } },
  );
}
