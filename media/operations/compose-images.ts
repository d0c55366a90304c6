import type { Sharp } from 'sharp';
import { z } from 'zod';
import { layerShape, maskSources } from '../../core/node-type/layer-fields.ts';
import type { Images } from '../image/image-operation.ts';
import { blendOver } from '../image/blend.ts';
import { cutTo, layOver, type PlacedPixels } from '../image/lay-over.ts';
import { layerPixels } from '../image/layer.ts';
import type { Source } from '../image/source.ts';
import { imageOperation } from '../operation.ts';

const layerSchema = z.object({
  /** Path of the image. */
  file: z.string(),
  ...layerShape,
  mask: z
    .object({
      /** Path of the image that says what is seen of the layer; it is stretched over it. */
      file: z.string(),
      from: z.enum(maskSources),
      isInverted: z.boolean(),
    })
    .nullable(),
});
/** An image on another one. */
export type Layer = z.output<typeof layerSchema>;

/**
 * Lays images over one another, in their order. The base keeps its size and format, as sRGB with 8 bits; what of a layer
 * lies beside it is cut off. Throws IMAGE_TOO_MANY_PIXELS for a layer that would be larger than an image may be.
 */
export const composeImages = imageOperation({
  name: 'compose images',
  module: import.meta.url,
  // Each layer is decoded, resized and turned.
  maxCpuMs: 120_000,
  params: z.object({ layers: z.array(layerSchema) }),
  async draw({ input, output, layers }, images) {
    const source = await images.open(input);
    const { width, height, format } = source.info;
    const placed = [];
    for (const layer of layers) {
      const pixels = cutTo(await layerPixels(layer, { width, height }, images), { width, height });
      if (pixels !== null) placed.push({ pixels, blend: layer.blend });
    }
    const image = await composed(source, placed, images);
    return images.save(image, output, { format, isLossless: source.isLossless, pixels: width * height });
  },
});

async function composed(
  source: Source,
  layers: readonly { readonly pixels: PlacedPixels; readonly blend: Layer['blend'] }[],
  images: Images,
): Promise<Sharp> {
  const image = await images.screen(source);
  // The library lays pixels over one another while it writes; it cannot blend them as it should.
  if (layers.every(({ blend }) => blend === 'normal')) {
    return layOver(
      image,
      source.info,
      layers.map(({ pixels }) => pixels),
    );
  }
  const { data, info } = await image.toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const base = { data, width: info.width, height: info.height, channels: info.channels };
  for (const { pixels, blend } of layers) blendOver(base, pixels, blend);
  return source.metadata.hasAlpha ? images.from(base) : images.from(base).removeAlpha();
}
