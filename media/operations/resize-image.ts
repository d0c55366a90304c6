import type { Sharp } from 'sharp';
import { z } from 'zod';
import { anchorSchema, colorSchema } from '../../core/node-type/picture-fields.ts';
import { anchorShares, hasTransparency, placeIn } from '../image/anchor.ts';
import { iconPixels, type Pictures, type PictureSize } from '../image/image-operation.ts';
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
  /** Where the picture lies in its box, or what of it stays; `busy`: what catches the eye stays (cover only). */
  position: z.union([anchorSchema, z.literal('busy')]),
  /** What a padded picture lies on: a color, or itself, enlarged and blurred. */
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
  async draw({ input, output, ...request }, pictures) {
    const source = await pictures.open(input);
    const { box, picture } = targetSize(request, source.info);
    holdResult(box, pictures.limits);
    if (request.mode === 'pad') return pad(source, { output, box, inner: picture, request }, pictures);
    const change = (whole: Sharp) => resizedTo(whole, { box, picture, request });
    await pictures.rewrite(source, output, { change, pixels: box.width * box.height });
    return box;
  },
});

function resizedTo(
  whole: Sharp,
  { box, picture, request }: { box: PictureSize; picture: PictureSize; request: Request },
): Sharp {
  const { kernel, mode, position } = request;
  if (mode !== 'cover') return whole.resize(box.width, box.height, { fit: 'fill', kernel });
  if (position === 'busy') return whole.resize(box.width, box.height, { fit: 'cover', position: 'attention', kernel });
  const share = anchorShares(position);
  return whole.resize(picture.width, picture.height, { fit: 'fill', kernel }).extract({
    ...box,
    left: placeIn(picture.width, box.width, share.x),
    top: placeIn(picture.height, box.height, share.y),
  });
}

interface PadRequest {
  readonly output: string;
  readonly box: PictureSize;
  readonly inner: PictureSize;
  readonly request: Request;
}

async function pad(
  source: Source,
  { output, box, inner, request }: PadRequest,
  pictures: Pictures,
): Promise<PictureSize> {
  const { background, kernel, position } = request;
  const share = anchorShares(position === 'busy' ? 'center' : position);
  const [left, top] = [placeIn(box.width, inner.width, share.x), placeIn(box.height, inner.height, share.y)];
  const small = (await pictures.screen(source)).resize(inner.width, inner.height, { fit: 'fill', kernel });
  const format = source.info.format === 'jpeg' && hasTransparency(background) ? 'png' : source.info.format;
  const how = { format, isLossless: source.isLossless || box.width * box.height <= iconPixels };
  if (background !== 'blur') {
    const [right, bottom] = [box.width - inner.width - left, box.height - inner.height - top];
    // With alpha where the background is transparent, and where the picture has it already.
    const picture = hasTransparency(background) ? small.ensureAlpha() : small;
    return pictures.save(picture.extend({ left, top, right, bottom, background }), output, how);
  }
  const { data, info } = await small.raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const back = await blurredBehind(source, box, pictures);
  return pictures.save(back.composite([{ input: data, raw, left, top }]), output, how);
}

/** The background is blurred in small, where it costs nothing: nobody sees a difference. */
const smallSide = 160;

/** In pixels of the small copy: no shape can be made out. */
const blurSigma = 5;

async function blurredBehind(source: Source, box: PictureSize, pictures: Pictures): Promise<Sharp> {
  const scale = Math.min(1, smallSide / Math.max(box.width, box.height));
  const [width, height] = [Math.max(1, Math.round(box.width * scale)), Math.max(1, Math.round(box.height * scale))];
  const { data, info } = await (
    await pictures.screen(source)
  )
    .resize(width, height, { fit: 'cover' })
    .flatten({ background: '#000000' })
    .blur(blurSigma)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const blurred = { data, width: info.width, height: info.height, channels: info.channels };
  const large = await pictures
    .from(blurred)
    .resize(box.width, box.height, { fit: 'fill', kernel: 'cubic' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return pictures.from({ data: large.data, width: box.width, height: box.height, channels: large.info.channels });
}
