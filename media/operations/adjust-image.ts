import type { Sharp } from 'sharp';
import { z } from 'zod';
import { colorSchema } from '../../core/node-type/image-fields.ts';
import type { Images } from '../image/image-operation.ts';
import type { Source } from '../image/source.ts';
import { imageOperation } from '../operation.ts';

/** -100 to 100; 0 leaves it as it is. */
const amount = z.number().min(-100).max(100);

/** The largest number of a channel. */
const white = { deep: 65_535, usual: 255 };

/** The library takes no less. */
const leastBlur = 0.3;

/** Contrast at 100 is so steep. */
const steepest = 4;

/**
 * Changes light, colors and sharpness of an image, in this order: blur; hue, saturation and
 * brightness; sharpen; contrast; tint. It keeps its format, depth and colors: what is changed are the numbers that it
 * stores. CMYK, and a gray image that gets colors, come out in sRGB with 8 bits.
 */
export const adjustImage = imageOperation({
  name: 'adjust image',
  module: import.meta.url,
  params: z.object({
    brightness: amount,
    contrast: amount,
    saturation: amount,
    /** Degrees around the color wheel. */
    hue: z.number().min(-180).max(180),
    isGray: z.boolean(),
    /** Null: none. */
    tint: colorSchema.nullable(),
    /** Standard deviation in pixels; 0: none. */
    blur: z.number().min(0).max(100),
    /** 0 to 100. */
    sharpen: z.number().min(0).max(100),
  }),
  async draw({ input, output, brightness, contrast, saturation, hue, isGray, tint, blur, sharpen }, images) {
    const source = await images.open(input);
    const { width, height, format } = source.info;
    const isStored = source.metadata.space !== 'cmyk' && !(source.isGrey && tint !== null);
    const change = (image: Sharp): Sharp => {
      if (blur > 0) image.blur(Math.max(leastBlur, blur));
      // Lightness, chroma and hue of CIE LCh, so that colors of equal lightness stay equal.
      if (brightness !== 0 || saturation !== 0 || hue !== 0 || isGray) {
        image.modulate({ brightness: 1 + brightness / 100, saturation: isGray ? 0 : 1 + saturation / 100, hue });
      }
      if (sharpen > 0) image.sharpen({ sigma: 1, m1: sharpen / 25, m2: sharpen / 25 });
      if (contrast !== 0) {
        const slope = contrast < 0 ? 1 + contrast / 100 : 1 + (contrast / 100) * (steepest - 1);
        // Around the middle gray, which stays.
        image.linear(slope, ((isStored && source.isDeep ? white.deep : white.usual) / 2) * (1 - slope));
      }
      return tint === null ? image : image.tint(tint);
    };
    if (isStored) {
      await images.rewrite(source, output, { change, pixels: width * height });
      return { width, height };
    }
    const image = change(source.isGrey ? await inThreeChannels(source, images) : await images.screen(source));
    return images.save(image, output, { format, isLossless: source.isLossless, pixels: width * height });
  },
});

/** A gray image as one that can have colors: the library gives a tint of one channel back as one channel. */
async function inThreeChannels(source: Source, images: Images): Promise<Sharp> {
  const image = (await images.screen(source)).toColourspace('srgb');
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return images.from({ data, width: info.width, height: info.height, channels: info.channels });
}
