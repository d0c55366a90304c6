import { z } from 'zod';
import { programOperation } from '../operation.ts';
import { withPictureStream } from '../video/picture-stream.ts';
import { checkAnimation, writeAnimation } from '../video/write-animation.ts';

/**
 * Makes an animated picture of pictures, each shown for the same time. Throws IMAGE_TOO_MANY_PIXELS.
 */
export const animateImages = programOperation({
  name: 'animate images',
  params: z.object({
    /** PNG files of our own, all of the size of the animation; `input` is the first of them. */
    pictures: z.array(z.string()).min(1),
    /** Pixels of the animation. */
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    /** How long each is shown, in milliseconds. */
    eachMs: z.number().int().positive(),
    format: z.enum(['gif', 'webp']),
    /** Plays for ever, or once. */
    isLooped: z.boolean(),
  }),
  async work({ output, pictures, width, height, eachMs, format, isLooped, signal, onProgress }, workshop) {
    const { ffmpeg, limits } = workshop;
    const frames = pictures.length;
    checkAnimation({ width, height, frames }, limits);
    await withPictureStream({ files: pictures, rate: `1000/${eachMs}`, beside: output, signal }, (stream) =>
      writeAnimation(ffmpeg, {
        inputs: [stream],
        pictures: `[0:0]settb=1/1000,setpts=N*${eachMs},format=${format === 'gif' ? 'rgba' : 'bgra'}`,
        ...{ format, isLooped, output, maxBytes: limits.maxImageBytes, length: (frames * eachMs) / 1_000 },
        ...{ onProgress, signal },
      }),
    );
    return { width, height, frames };
  },
});
