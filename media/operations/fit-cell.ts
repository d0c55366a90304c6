import { z } from 'zod';
import { colorSchema } from '../../core/node-type/image-fields.ts';
import { imageOperation } from '../operation.ts';

/**
 * Writes an image as it is shown, to be put beside others: within a box (never larger than it is), filling it, or in the
 * middle of it with a color around, as a PNG of sRGB with 8 bits.
 */
export const fitCell = imageOperation({
  name: 'fit cell',
  module: import.meta.url,
  params: z.object({
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    fit: z.enum(['inside', 'cover', 'pad']),
    /** Below transparent parts, and around a padded image; null: nothing. */
    background: colorSchema.nullable(),
  }),
  async draw({ input, output, width, height, fit, background }, images) {
    const image = await images.screen(await images.open(input));
    // It is read once, right after: what packs it tighter costs more than it saves.
    image.resize(width, height, {
      fit: fit === 'pad' ? 'contain' : fit,
      withoutEnlargement: fit === 'inside',
      background: background ?? '#00000000',
    });
    // All of one kind: ffmpeg begins anew where pictures of a stream differ in that.
    if (background === null || background.length > 7) image.ensureAlpha();
    else image.flatten({ background });
    const made = await image.toColourspace('srgb').png({ compressionLevel: 1 }).toFile(output);
    return { width: made.width, height: made.height };
  },
});
