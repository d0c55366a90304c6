import type { ImageSize } from './image-operation.ts';

/** The size of an image that was turned by any angle, with its corners: as the library rounds it. */
export function turnedSize({ width, height }: ImageSize, degrees: number): ImageSize {
  const { sin, cos } = partsOf(degrees);
  return { width: Math.round(width * cos + height * sin), height: Math.round(width * sin + height * cos) };
}

/** The outermost pixels of a turned image are half of it and half of what lies around. */
const blended = 1;

/** The largest image of the same shape that lies wholly inside a turned one, around its middle. */
export function insideTurned({ width, height }: ImageSize, degrees: number): ImageSize {
  const { sin, cos } = partsOf(degrees);
  const scale = Math.min(width / (width * cos + height * sin), height / (width * sin + height * cos));
  const side = (length: number) => Math.max(1, Math.floor(length * scale) - 2 * blended);
  return { width: side(width), height: side(height) };
}

function partsOf(degrees: number): { readonly sin: number; readonly cos: number } {
  const angle = (degrees * Math.PI) / 180;
  return { sin: Math.abs(Math.sin(angle)), cos: Math.abs(Math.cos(angle)) };
}
