import { TerminalError } from '../../core/errors/app-error.ts';
import type { ImageSize } from './image-operation.ts';

/** What an image is to be resized to; a side that is left out follows from the other one. */
export interface SizeRequest {
  /**
   * - inside: as large as fits into the box; - cover: fills the box, what stands over is cut off;
   * - pad: fits into the box, which is filled up around it; - exact: stretched to the box.
   */
  readonly mode: 'inside' | 'cover' | 'pad' | 'exact';
  readonly unit: 'px' | 'percent';
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Whether an image may become larger than it is. */
  readonly mayEnlarge: boolean;
}

/**
 * `box` is the size of the result, `image` that of the whole image in it: larger than the box where it covers it.
 * Throws NODE_DATA_INVALID where there is neither a width nor a height.
 */
export function targetSize(
  request: SizeRequest,
  source: ImageSize,
): { readonly box: ImageSize; readonly image: ImageSize } {
  const { mode, mayEnlarge } = request;
  const asked = askedFor(request, source);
  const [x, y] = [asked.width / source.width, asked.height / source.height];
  if (mode === 'exact') return { box: asked, image: asked };
  const wanted = mode === 'cover' ? Math.max(x, y) : Math.min(x, y);
  const scale = mayEnlarge ? wanted : Math.min(1, wanted);
  const image = { width: pixels(source.width * scale), height: pixels(source.height * scale) };
  if (mode === 'inside') return { box: image, image };
  if (mode === 'pad') return { box: asked, image: within(image, asked) };
  // An image that may not grow fills a smaller box of the same shape.
  const box = { width: pixels((asked.width * scale) / wanted), height: pixels((asked.height * scale) / wanted) };
  return { box, image: { width: Math.max(image.width, box.width), height: Math.max(image.height, box.height) } };
}

function askedFor({ unit, width, height }: SizeRequest, source: ImageSize): ImageSize {
  if (width === undefined && height === undefined) {
    throw new TerminalError('NODE_DATA_INVALID', 'There is no size to resize to. Enter a width or a height.');
  }
  const sideOf = (side: number | undefined, own: number) =>
    side === undefined ? undefined : unit === 'percent' ? (own * side) / 100 : side;
  const [w, h] = [sideOf(width, source.width), sideOf(height, source.height)];
  return {
    width: pixels(w ?? (source.width * h!) / source.height),
    height: pixels(h ?? (source.height * w!) / source.width),
  };
}

function within(inner: ImageSize, outer: ImageSize): ImageSize {
  return { width: Math.min(inner.width, outer.width), height: Math.min(inner.height, outer.height) };
}

/** Whole ones, at least one. */
function pixels(length: number): number {
  return Math.max(1, Math.round(length));
}
