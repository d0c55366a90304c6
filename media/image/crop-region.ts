import { TerminalError } from '../../core/errors/app-error.ts';
import type { Anchor } from '../../core/node-type/image-fields.ts';
import { anchorShares, placeIn } from './anchor.ts';

/** Box in percent of the upright image, each 0-100. */
export interface PercentBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Whole pixels of the upright image. */
export interface CropRegion {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Slack in pixels for percentages that are not exact in binary: 10 % of 30 is
 * 3.0000000000000004 and must not be rounded up to 4.
 */
const rounding = 1e-6;

/**
 * The pixels that lie wholly inside a percent box, clamped to the image. A
 * box between two pixel edges gives the pixel it lies in, so there is always at
 * least one. Throws CROP_BOX_INVALID for a box without an area.
 */
export function cropRegion(box: PercentBox, image: { width: number; height: number }): CropRegion {
  const numbers = [box.x, box.y, box.width, box.height];
  if (!numbers.every(Number.isFinite) || box.width <= 0 || box.height <= 0) {
    throw new TerminalError('CROP_BOX_INVALID', 'The crop box has no area. Enter a width and a height above 0%.', {
      details: { ...box },
    });
  }
  const horizontal = span(box.x, box.width, image.width);
  const vertical = span(box.y, box.height, image.height);
  return { left: horizontal.start, top: vertical.start, width: horizontal.length, height: vertical.length };
}

/** In whole pixels, or by a shape. */
export type RegionRequest =
  ({ readonly unit: 'px' } & PercentBox) | { readonly unit: 'shape'; readonly ratio: number; readonly anchor: Anchor };

/**
 * The pixels of a box in pixels, clamped to the image, or of the largest box of a shape. Throws CROP_BOX_INVALID
 * where a box has no area, or none within the image.
 */
export function regionOf(request: RegionRequest, image: { width: number; height: number }): CropRegion {
  if (request.unit === 'shape') {
    const { ratio, anchor } = request;
    const width = clamp(Math.round(Math.min(image.width, image.height * ratio)), 1, image.width);
    const height = clamp(Math.round(Math.min(image.height, image.width / ratio)), 1, image.height);
    const share = anchorShares(anchor);
    return {
      width,
      height,
      left: placeIn(image.width, width, share.x),
      top: placeIn(image.height, height, share.y),
    };
  }
  const [left, top] = [clamp(Math.round(request.x), 0, image.width), clamp(Math.round(request.y), 0, image.height)];
  const right = clamp(Math.round(request.x + request.width), 0, image.width);
  const bottom = clamp(Math.round(request.y + request.height), 0, image.height);
  if (!(right > left && bottom > top)) {
    throw new TerminalError(
      'CROP_BOX_INVALID',
      `The crop box (${request.width} × ${request.height} at ${request.x}, ${request.y}) has no area within the image of ` +
        `${image.width} × ${image.height} pixels. Move the box into the image.`,
    );
  }
  return { left, top, width: right - left, height: bottom - top };
}

function span(startPercent: number, lengthPercent: number, pixels: number): { start: number; length: number } {
  const from = clamp((startPercent / 100) * pixels, 0, pixels);
  const to = clamp(((startPercent + lengthPercent) / 100) * pixels, 0, pixels);
  const start = Math.max(0, Math.ceil(from - rounding));
  const end = Math.floor(to + rounding);
  if (end > start) return { start, length: end - start };
  return { start: clamp(Math.floor((from + to) / 2), 0, pixels - 1), length: 1 };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
