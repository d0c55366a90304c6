import type { Sharp } from 'sharp';
import type { ImageSize, Pixels } from './image-operation.ts';

/** Pixels in RGBA, and where they lie on an image; partly beside it, if need be. */
export interface PlacedPixels extends Pixels {
  readonly left: number;
  readonly top: number;
}

/** Lays pixels over an image, in their order. What lies beside it is cut off. */
export function layOver(image: Sharp, size: ImageSize, layers: readonly PlacedPixels[]): Sharp {
  const inside = layers.flatMap((layer) => {
    const cut = cutTo(layer, size);
    return cut === null ? [] : [cut];
  });
  if (inside.length === 0) return image;
  return image.composite(
    inside.map(({ data, width, height, channels, left, top }) => ({
      input: data,
      raw: { width, height, channels },
      left,
      top,
    })),
  );
}

/** Null where nothing is left. */
export function cutTo(
  { data, width, channels, left, top, height }: PlacedPixels,
  size: ImageSize,
): PlacedPixels | null {
  const [fromX, fromY] = [Math.max(0, -left), Math.max(0, -top)];
  const [wide, high] = [Math.min(width, size.width - left) - fromX, Math.min(height, size.height - top) - fromY];
  if (wide <= 0 || high <= 0) return null;
  if (wide === width && high === height) return { data, width, channels, left, top, height };
  const part = Buffer.alloc(wide * high * channels);
  for (let y = 0; y < high; y += 1) {
    const from = ((fromY + y) * width + fromX) * channels;
    data.copy(part, y * wide * channels, from, from + wide * channels);
  }
  return { data: part, width: wide, height: high, channels, left: left + fromX, top: top + fromY };
}
