import type { Images, ImageSize, Pixels } from './image-operation.ts';
import type { Source } from './source.ts';

/** The pixels of an image in RGBA, as a screen shows them, stretched to a size. */
export async function seenPixels(source: Source, { width, height }: ImageSize, images: Images): Promise<Pixels> {
  const { data, info } = await (
    await images.screen(source)
  )
    .resize(width, height, { fit: 'fill' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}
