import { z } from 'zod';
import { colorSchema } from '../../core/node-type/image-fields.ts';
import { fontFamilies, maxTextLength } from '../../core/node-type/text-fields.ts';
import { iconPixels } from '../image/image-operation.ts';
import { layOver } from '../image/lay-over.ts';
import { textLayer } from '../image/text/text-layer.ts';
import { imageOperation } from '../operation.ts';

const share = z.number().min(0).max(1);

/** How a text is drawn; lengths are shares of the picture, 0 to 1, but where something else is said. */
export const textStyleSchema = z.object({
  family: z.enum(fontFamilies),
  isBold: z.boolean(),
  isItalic: z.boolean(),
  /** Of the height of the picture. */
  size: z.number().positive(),
  sizing: z.enum(['fixed', 'shrink', 'fill']),
  lineSpacing: z.number().min(0.5).max(4),
  align: z.enum(['left', 'center', 'right']),
  place: z.enum(['top', 'middle', 'bottom']),
  color: colorSchema,
  /** Around each letter, of the font size; 0: none. */
  outline: share,
  outlineColor: colorSchema,
  background: z.enum(['none', 'text', 'box']),
  backgroundColor: colorSchema,
  /** Of the font size. */
  padding: z.number().min(0).max(4),
});

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
    const how = { format, isLossless: source.isLossless || width * height <= iconPixels };
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
