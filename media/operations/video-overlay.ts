import { z } from 'zod';
import { layerShape } from '../../core/node-type/layer-fields.ts';
import { maxTextLength, textStyleSchema } from '../../core/node-type/text-fields.ts';
import type { Images, Pixels } from '../image/image-operation.ts';
import { blendOver } from '../image/blend.ts';
import { layerPixels } from '../image/layer.ts';
import { cutTo, type PlacedPixels } from '../image/lay-over.ts';
import { textLayer } from '../image/text/text-layer.ts';
import { imageOperation } from '../operation.ts';

const share = z.number().min(0).max(1);

/** What is drawn on a picture: an image, and a text over it. */
export const overlaySchema = z.object({
  image: z.object({ file: z.string(), ...layerShape }).nullable(),
  text: z
    .object({
      text: z.string().max(maxTextLength),
      /** Shares of the picture. */
      box: z.object({ x: share, y: share, width: share, height: share }),
      style: textStyleSchema,
    })
    .nullable(),
});
export type Overlay = z.output<typeof overlaySchema>;

/**
 * Draws what lies on a picture of that size as a PNG with transparent parts, no larger than it has to be, and gives
 * where that begins; null where nothing would be seen, and nothing is written. Throws NODE_DATA_INVALID and IMAGE_*.
 */
export const drawOverlay = imageOperation({
  name: 'draw overlay',
  module: import.meta.url,
  params: z.object({ width: z.number().int().positive(), height: z.number().int().positive(), overlay: overlaySchema }),
  async draw({ output, width, height, overlay }, images) {
    const size = { width, height };
    const layers = (await layersOf(overlay, size, images)).flatMap((layer) => cutTo(layer, size) ?? []);
    if (layers.length === 0) return null;
    const left = Math.min(...layers.map((layer) => layer.left));
    const top = Math.min(...layers.map((layer) => layer.top));
    const right = Math.max(...layers.map((layer) => layer.left + layer.width));
    const bottom = Math.max(...layers.map((layer) => layer.top + layer.height));
    const whole: Pixels = {
      data: Buffer.alloc((right - left) * (bottom - top) * 4),
      width: right - left,
      height: bottom - top,
      channels: 4,
    };
    for (const layer of layers) blendOver(whole, { ...layer, left: layer.left - left, top: layer.top - top }, 'normal');
    await images.from(whole).png().toFile(output);
    return { left, top, width: whole.width, height: whole.height };
  },
});

async function layersOf(
  { image, text }: Overlay,
  size: { width: number; height: number },
  images: Images,
): Promise<PlacedPixels[]> {
  const layers: PlacedPixels[] = [];
  if (image !== null) layers.push(await layerPixels({ ...image, mask: null }, size, images));
  if (text !== null && text.text.trim() !== '') {
    const { box, style } = text;
    const request = {
      ...style,
      text: text.text,
      size: style.size * size.height,
      box: {
        left: box.x * size.width,
        top: box.y * size.height,
        width: box.width * size.width,
        height: box.height * size.height,
      },
    };
    layers.push(await textLayer(request, images));
  }
  return layers;
}
