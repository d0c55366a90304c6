import { z } from 'zod';
import { cropRegion } from '../image/crop-region.ts';
import { imageOperation } from '../operation.ts';

/** Box in percent of the upright image, each 0-100. */
const percentBoxSchema = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });

/**
 * Crops an image to a percent box of the upright image: rounded inward, clamped, at least one pixel. Writes the same
 * format as the input. Throws CROP_BOX_INVALID.
 */
export const cropImage = imageOperation({
  name: 'crop image',
  module: import.meta.url,
  params: z.object({ box: percentBoxSchema }),
  async draw({ input, output, box }, images) {
    const source = await images.open(input);
    const region = cropRegion(box, source.info);
    const { width, height } = region;
    await images.rewrite(source, output, { change: (image) => image.extract(region), pixels: width * height });
    return { width, height };
  },
});
