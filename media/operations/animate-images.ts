import { z } from 'zod';
import { colorSchema } from '../../core/node-type/image-fields.ts';
import { programOperation } from '../operation.ts';
import { pngSubject } from '../subjects.ts';
import { checkAnimation, writeAnimation } from '../video/write-animation.ts';

/**
 * Makes an animated picture of pictures, each shown for the same time; they lie in the middle of it. Throws
 * IMAGE_TOO_MANY_PIXELS.
 */
export const animateImages = programOperation({
  name: 'animate images',
  params: z.object({
    /** PNG files of our own, none larger than the animation; `input` is the first of them. */
    pictures: z.array(z.string()).min(1),
    /** Pixels of the animation. */
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    /** How long each is shown, in milliseconds. */
    eachMs: z.number().int().positive(),
    /** Around smaller ones. */
    background: colorSchema,
    format: z.enum(['gif', 'webp']),
    /** Plays for ever, or once. */
    isLooped: z.boolean(),
  }),
  async work({ output, pictures, width, height, eachMs, background, format, isLooped, signal, onProgress }, workshop) {
    const { ffmpeg, limits } = workshop;
    const frames = pictures.length;
    checkAnimation({ width, height, frames }, limits);
    const color = `0x${background.slice(1)}`;
    const placed = pictures.map(
      (_picture, index) =>
        `[${index}:0]format=rgba,pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:color=${color},setsar=1[at${index}]`,
    );
    const joined = `${placed.map((_filter, index) => `[at${index}]`).join('')}concat=n=${frames}:v=1:a=0`;
    await writeAnimation(ffmpeg, {
      // One picture each, that lasts for its time.
      inputs: pictures.map((file) => ({
        file,
        subject: pngSubject,
        options: ['-threads', '1', '-framerate', `1000/${eachMs}`],
      })),
      pictures: [
        ...placed,
        `${joined},settb=1/1000,setpts=N*${eachMs},format=${format === 'gif' ? 'rgba' : 'bgra'}`,
      ].join(';'),
      ...{ format, isLooped, output, maxBytes: limits.maxImageBytes, length: (frames * eachMs) / 1_000 },
      ...{ onProgress, signal },
    });
    return { width, height, frames };
  },
});
