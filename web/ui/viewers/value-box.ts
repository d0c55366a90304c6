import type { AssetReference } from '../../../core/node-type/values.ts';
import type { ValueViewProps } from './viewer.ts';

/** Pixels. */
const heights = { large: 180, small: 96 };

/** The box of an image by its size; undefined where it fills the room that there is. */
export function boxOf(
  { width, height }: AssetReference,
  size: ValueViewProps['size'],
): { readonly aspectRatio: string; readonly maxHeight: number } | undefined {
  if (size === 'fill') return undefined;
  const aspectRatio = width !== undefined && height !== undefined ? `${width} / ${height}` : '4 / 3';
  return { aspectRatio, maxHeight: heights[size] };
}
