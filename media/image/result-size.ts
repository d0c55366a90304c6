import { TerminalError } from '../../core/errors/app-error.ts';
import type { ImageSize } from './image-operation.ts';
import type { ImageLimits } from './tasks.ts';

/** Throws IMAGE_TOO_MANY_PIXELS where an image that is to be made would be larger than one may be. */
export function holdResult({ width, height }: ImageSize, limits: ImageLimits): void {
  if (width * height <= limits.maxImagePixels && Math.max(width, height) <= limits.maxImageSide) return;
  throw new TerminalError(
    'IMAGE_TOO_MANY_PIXELS',
    `The result would have ${width} × ${height} pixels; up to ${limits.maxImagePixels} pixels and ${limits.maxImageSide} on a ` +
      'side are allowed. Choose a smaller size.',
  );
}
