import { z } from 'zod';
import { maxTextLength, textStyleSchema } from '../../core/node-type/text-fields.ts';
import { layOver } from '../image/lay-over.ts';
import { textLayer } from '../image/text/text-layer.ts';
import { imageOperation } from '../operation.ts';

const share = z.number().min(0).max(1);

/**
 * Draws a text on an image. It keeps its format and comes out in sRGB with 8 bits. Throws NODE_DATA_INVALID where the
 * text does not fit into its box, or no font has its characters.
 */
export const drawText = imageOperation({
  name: 'draw text',
  module: import.meta.url,
  params: z.object({
    text: z.string().max(maxTextLength),
    /** Shares of the picture. */
    box: z.object({ x: share, y: share, width: share, height: share }),
    style: textStyleSchema,
  }),
  async draw({ input, output, text, box, style }, images) {
    const source = await images.open(input);
    const { width, height, format } = source.info;
    const how = { format, isLossless: source.isLossless, pixels: width * height };
    const image = await images.screen(source);
    if (text.trim() === '') return images.save(image, output, how);
    const layer = await textLayer(
      {
        ...style,
        text,
        size: style.size * height,
        box: { left: box.x * width, top: box.y * height, width: box.width * width, height: box.height * height },
      },
      images,
    );
    return images.save(layOver(image, { width, height }, [layer]), output, how);
  },
});
