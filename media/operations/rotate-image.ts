import type { Sharp } from 'sharp';
import { z } from 'zod';
import { colorSchema } from '../../core/node-type/image-fields.ts';
import { hasTransparency, placeIn } from '../image/anchor.ts';
import { holdResult } from '../image/result-size.ts';
import { insideTurned, turnedSize } from '../image/turned-size.ts';
import { imageOperation } from '../operation.ts';

/**
 * Turns an image by quarters, then mirrors it, then straightens it by a few degrees, clockwise. It keeps its format,
 * depth and colors; where corners are filled it comes out in sRGB with 8 bits, and as PNG where they are transparent.
 * Throws IMAGE_TOO_MANY_PIXELS.
 */
export const rotateImage = imageOperation({
  name: 'rotate image',
  module: import.meta.url,
  params: z.object({
    /** Clockwise. */
    quarters: z.number().int().min(0).max(3),
    mirror: z.enum(['none', 'horizontal', 'vertical']),
    /** Clockwise. */
    degrees: z.number().min(-45).max(45),
    /** The corners of what was straightened: cut off, so that the shape of the image stays, or filled. */
    corners: z.union([z.literal('cut'), colorSchema]),
  }),
  async draw({ input, output, quarters, mirror, degrees, corners }, images) {
    const source = await images.open(input);
    const { width, height } = source.info;
    const upright = quarters % 2 === 0 ? { width, height } : { width: height, height: width };
    const whole = turnedSize(upright, degrees);
    const isFilled = corners !== 'cut' && degrees !== 0;
    const size = isFilled || degrees === 0 ? whole : insideTurned(upright, degrees);
    holdResult(whole, images.limits);
    // The library mirrors before it turns, so that what is mirrored has to be turned the other way.
    const angle = (mirror === 'none' ? quarters : -quarters) * 90 + degrees;
    const turn = (image: Sharp) =>
      image
        .flop(mirror === 'horizontal')
        .flip(mirror === 'vertical')
        .rotate(angle, { background: isFilled ? corners : '#000000' });
    if (!isFilled) {
      const place = { left: placeIn(whole.width, size.width, 0.5), top: placeIn(whole.height, size.height, 0.5) };
      const change = (image: Sharp) => (degrees === 0 ? turn(image) : turn(image).extract({ ...size, ...place }));
      await images.rewrite(source, output, { change, pixels: size.width * size.height, isTurn: true });
      return size;
    }
    const isSeeThrough = hasTransparency(corners);
    const image = turn(isSeeThrough ? (await images.screen(source)).ensureAlpha() : await images.screen(source));
    const format = isSeeThrough && source.info.format === 'jpeg' ? 'png' : source.info.format;
    return images.save(image, output, { format, isLossless: source.isLossless, pixels: size.width * size.height });
  },
});
