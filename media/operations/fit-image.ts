import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { iconPixels } from '../image/encode.ts';
import { imageOperation } from '../operation.ts';

/** JPEG qualities that are tried before the image is made smaller. */
const fitQualities = [90, 80, 70];

/** Before them, of an icon. */
const bestQuality = 100;

/** How much shorter the sides get at each step when quality alone does not help: about half the pixels. */
const fitShrink = 0.7;

/** Below this an image says nothing any more; a limit that asks for less is refused. */
const minFitSide = 16;

/** Writes a copy that fits `maxSide` pixels and `maxBytes` bytes, as JPEG or PNG; gives its MIME type. Throws FILE_TOO_LARGE. */
export const fitImage = imageOperation({
  name: 'fit image',
  module: import.meta.url,
  params: z.object({ maxSide: z.number(), maxBytes: z.number() }),
  async draw({ input, output, maxSide, maxBytes }, images) {
    const source = await images.open(input);
    const { width, height } = source.info;
    let side = Math.min(maxSide, Math.max(width, height));
    const shrink = side / Math.max(width, height);
    // Most photos fit at once: they are read and written in one go. What may be seen through is looked at first.
    const isPlain = source.info.format === 'jpeg' && source.color.kind === 'srgb';
    if (isPlain && width * height * shrink * shrink > iconPixels) {
      const image = (await images.screen(source)).resize(side, side, { fit: 'inside' });
      const { size } = await image.jpeg({ quality: fitQualities[0], chromaSubsampling: '4:4:4' }).toFile(output);
      if (size <= maxBytes) return { mimeType: 'image/jpeg' };
    }
    // Decoded once, however many sizes and qualities are tried.
    const pixels = await images.shown(source, { width: side, height: side });
    const usesPng = hasTransparency(pixels.data, pixels.channels);
    const isIcon = pixels.width * pixels.height <= iconPixels;
    for (;;) {
      for (const quality of usesPng ? [0] : isIcon ? [bestQuality, ...fitQualities] : fitQualities) {
        const image = images.from(pixels).resize(side, side, { fit: 'inside', withoutEnlargement: true });
        const written = usesPng
          ? await image.png({ compressionLevel: 9 }).toFile(output)
          : await image.removeAlpha().jpeg({ quality, chromaSubsampling: '4:4:4' }).toFile(output);
        if (written.size <= maxBytes) return { mimeType: usesPng ? 'image/png' : 'image/jpeg' };
      }
      side = Math.floor(side * fitShrink);
      if (side < minFitSide) {
        throw new TerminalError(
          'FILE_TOO_LARGE',
          `The image cannot be made to fit ${maxBytes} bytes. Use another one.`,
        );
      }
    }
  },
});

function hasTransparency(data: Uint8Array, channels: number): boolean {
  if (channels !== 2 && channels !== 4) return false;
  for (let at = channels - 1; at < data.length; at += channels) if (data[at] !== 255) return true;
  return false;
}
