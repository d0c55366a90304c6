import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { compare, type Difference } from '../image/difference.ts';
import { seenPixels } from '../image/seen-pixels.ts';
import { imageOperation } from '../operation.ts';

/** Larger images are compared in small: four copies of them are in memory at once. */
const maxPixels = 8_000_000;

/**
 * Compares two images as they are seen, and writes a PNG that shows where they differ. Throws NODE_DATA_INVALID where
 * their sizes differ and neither may be fitted to the other.
 */
export const compareImages = imageOperation({
  name: 'compare images',
  module: import.meta.url,
  params: z.object({
    /** A local file: what `input` is compared with. */
    other: z.string(),
    /** Whether the other one is stretched to the size of the first. */
    mayFit: z.boolean(),
  }),
  async draw({ input, output, other, mayFit }, images): Promise<Difference> {
    const [before, after] = [await images.open(input), await images.open(other)];
    const [size, second] = [before.info, after.info];
    if (!mayFit && (size.width !== second.width || size.height !== second.height)) {
      throw new TerminalError(
        'NODE_DATA_INVALID',
        `The images have different sizes: ${size.width} × ${size.height} and ${second.width} × ${second.height}. Resize one, or let the second be fitted.`,
      );
    }
    const scale = Math.min(1, Math.sqrt(maxPixels / (size.width * size.height)));
    const box = {
      width: Math.max(1, Math.floor(size.width * scale)),
      height: Math.max(1, Math.floor(size.height * scale)),
    };
    const [one, two] = [await seenPixels(before, box, images), await seenPixels(after, box, images)];
    const { difference, image } = compare(one, two);
    await images
      .from({ ...box, data: image, channels: 3 })
      .png()
      .toFile(output);
    return difference;
  },
});
