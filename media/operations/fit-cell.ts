import { z } from 'zod';
import { colorSchema } from '../../core/node-type/image-fields.ts';
import { imageOperation } from '../operation.ts';

/**
 * Writes an image as it is shown, to be put beside others: within a box (never larger than it is) or filling it, as a PNG
 * of sRGB with 8 bits.
 */
export const fitCell = imageOperation({
  name: 'fit cell',
  module: import.meta.url,
  params: z.object({
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    fit: z.enum(['inside', 'cover']),
    /** Below transparent parts; null: they stay. */
    background: colorSchema.nullable(),
  }),
  async draw({ input, output, width, height, fit, background }, images) {
    const image = await images.screen(await images.open(input));
    // It is read once, right after: what packs it tighter costs more than it saves.
    image.resize(width, height, { fit, withoutEnlargement: fit === 'inside' });
    if (background === null) image.ensureAlpha();
    else image.flatten({ background });
    const made = await image.toColourspace('srgb').png({ compressionLevel: 1 }).toFile(output);
    return { width: made.width, height: made.height };
  },
});
