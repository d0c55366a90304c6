import { z } from 'zod';
import { anchorSchema } from '../../core/node-type/image-fields.ts';
import { cropRegion, regionOf } from '../image/crop-region.ts';
import { imageOperation } from '../operation.ts';

const sides = { x: z.number(), y: z.number(), width: z.number(), height: z.number() };

/** A box of the upright image in percent or pixels, or the largest one of a shape (width / height) at an anchor. */
export const cropAreaSchema = z.discriminatedUnion('unit', [
  z.object({ unit: z.literal('percent'), ...sides }),
  z.object({ unit: z.literal('px'), ...sides }),
  z.object({ unit: z.literal('shape'), ratio: z.number().positive(), anchor: anchorSchema }),
]);
export type CropArea = z.infer<typeof cropAreaSchema>;

/**
 * Crops an image to an area of the upright image: rounded inward, clamped, at least one pixel. Writes the same
 * format as the input. Throws CROP_BOX_INVALID.
 */
export const cropImage = imageOperation({
  name: 'crop image',
  module: import.meta.url,
  params: z.object({ area: cropAreaSchema }),
  async draw({ input, output, area }, images) {
    const source = await images.open(input);
    const region = area.unit === 'percent' ? cropRegion(area, source.info) : regionOf(area, source.info);
    const { width, height } = region;
    await images.rewrite(source, output, { change: (image) => image.extract(region), pixels: width * height });
    return { width, height };
  },
});
