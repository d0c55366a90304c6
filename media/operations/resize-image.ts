import type { Sharp } from 'sharp';
import { z } from 'zod';
import { anchorSchema, colorSchema } from '../../core/node-type/image-fields.ts';
import { anchorShares, hasTransparency, placeIn } from '../image/anchor.ts';
import type { Images, ImageSize } from '../image/image-operation.ts';
import { holdResult } from '../image/result-size.ts';
import type { Source } from '../image/source.ts';
import { targetSize } from '../image/target-size.ts';
import { imageOperation } from '../operation.ts';

const paramsSchema = z.object({
  mode: z.enum(['inside', 'cover', 'pad', 'exact']),
  unit: z.enum(['px', 'percent']),
  width: z.number().positive().optional(),
  height: z.number().positive().optional(),
  mayEnlarge: z.boolean(),
  /** Where the image lies in its box, or what of it stays; `busy`: what catches the eye stays (cover only). */
  position: z.union([anchorSchema, z.literal('busy')]),
  /** What a padded image lies on: a color, or itself, enlarged and blurred. */
  background: z.union([colorSchema, z.literal('blur')]),
  kernel: z.enum(['lanczos3', 'mitchell', 'cubic', 'nearest']),
});
type Request = z.infer<typeof paramsSchema>;

/**
 * Resizes an image. It keeps its format, depth and colors; a padded one comes out in sRGB with 8 bits, and as PNG where
 * a transparent background asks for it. Throws NODE_DATA_INVALID without a size, IMAGE_TOO_MANY_PIXELS.
 */
export const resizeImage = imageOperation({
  name: 'resize image',
  module: import.meta.url,
  params: paramsSchema,
  async draw({ input, output, ...request }, images) {
    const source = await images.open(input);
    const { box, image } = targetSize(request, source.info);
    holdResult(box, images.limits);
    if (request.mode === 'pad') return pad(source, { output, box, inner: image, request }, images);
    const change = (whole: Sharp) => resizedTo(whole, { box, image, request });
    await images.rewrite(source, output, { change, pixels: box.width * box.height });
    return box;
  },
});

function resizedTo(
  whole: Sharp,
  { box, image, request }: { box: ImageSize; image: ImageSize; request: Request },
): Sharp {
  const { kernel, mode, position } = request;
  if (mode !== 'cover') return whole.resize(box.width, box.height, { fit: 'fill', kernel });
  if (position === 'busy') return whole.resize(box.width, box.height, { fit: 'cover', position: 'attention', kernel });
  const share = anchorShares(position);
  return whole.resize(image.width, image.height, { fit: 'fill', kernel }).extract({
    ...box,
    left: placeIn(image.width, box.width, share.x),
    top: placeIn(image.height, box.height, share.y),
  });
}

interface PadRequest {
  readonly output: string;
  readonly box: ImageSize;
  readonly inner: ImageSize;
  readonly request: Request;
}

async function pad(source: Source, { output, box, inner, request }: PadRequest, images: Images): Promise<ImageSize> {
  const { background, kernel, position } = request;
  const share = anchorShares(position === 'busy' ? 'center' : position);
  const [left, top] = [placeIn(box.width, inner.width, share.x), placeIn(box.height, inner.height, share.y)];
  const small = (await images.screen(source)).resize(inner.width, inner.height, { fit: 'fill', kernel });
  const format = source.info.format === 'jpeg' && hasTransparency(background) ? 'png' : source.info.format;
  const how = { format, isLossless: source.isLossless, pixels: box.width * box.height };
  if (background !== 'blur') {
    const [right, bottom] = [box.width - inner.width - left, box.height - inner.height - top];
    // With alpha where the background is transparent, and where the image has it already.
    const image = hasTransparency(background) ? small.ensureAlpha() : small;
    return images.save(image.extend({ left, top, right, bottom, background }), output, how);
  }
  const { data, info } = await small.raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const back = await blurredBehind(source, box, images);
  return images.save(back.composite([{ input: data, raw, left, top }]), output, how);
}

/** The background is blurred in small, where it costs nothing: nobody sees a difference. */
const smallSide = 160;

/** In pixels of the small copy: no shape can be made out. */
const blurSigma = 5;

async function blurredBehind(source: Source, box: ImageSize, images: Images): Promise<Sharp> {
  const scale = Math.min(1, smallSide / Math.max(box.width, box.height));
  const [width, height] = [Math.max(1, Math.round(box.width * scale)), Math.max(1, Math.round(box.height * scale))];
  const { data, info } = await (
    await images.screen(source)
  )
    .resize(width, height, { fit: 'cover' })
    .flatten({ background: '#000000' })
    .blur(blurSigma)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const blurred = { data, width: info.width, height: info.height, channels: info.channels };
  const large = await images
    .from(blurred)
    .resize(box.width, box.height, { fit: 'fill', kernel: 'cubic' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return images.from({ data: large.data, width: box.width, height: box.height, channels: large.info.channels });
}
