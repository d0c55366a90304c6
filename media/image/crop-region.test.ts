import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cropRegion } from './crop-region.ts';

const image = { width: 101, height: 50 };

describe('a crop box in percent', () => {
  test.each([
    ['the whole image', { x: 0, y: 0, width: 100, height: 100 }, { left: 0, top: 0, width: 101, height: 50 }],
    ['rounded inward', { x: 10, y: 10, width: 50, height: 50 }, { left: 11, top: 5, width: 49, height: 25 }],
    ['clamped', { x: 50, y: 50, width: 100, height: 100 }, { left: 51, top: 25, width: 50, height: 25 }],
    ['thinner than a pixel', { x: 50, y: 50, width: 0.001, height: 0.001 }, { left: 50, top: 25, width: 1, height: 1 }],
    ['at the far edge', { x: 100, y: 100, width: 5, height: 5 }, { left: 100, top: 49, width: 1, height: 1 }],
  ])('%s', (_name, box, expected) => {
    expect(cropRegion(box, image)).toEqual(expected);
  });

  test('is not shifted by what percentages are in binary', () => {
    expect(cropRegion({ x: 10, y: 70, width: 60, height: 30 }, { width: 30, height: 10 })).toEqual({
      left: 3,
      top: 7,
      width: 18,
      height: 3,
    });
    expect(cropRegion({ x: 33.3, y: 0, width: 66.7, height: 100 }, { width: 1000, height: 1 }).width).toBe(667);
  });

  test.each([
    [{ x: 0, y: 0, width: 0, height: 10 }],
    [{ x: 0, y: 0, width: 10, height: -1 }],
    [{ x: Number.NaN, y: 0, width: 10, height: 10 }],
  ])('without an area is refused: %j', (box) => {
    expect(() => cropRegion(box, image)).toThrow(expect.objectContaining({ code: 'CROP_BOX_INVALID' }));
  });

  test('always gives at least one pixel inside the image, and none outside the box by a whole pixel', () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    const side = fc.integer({ min: 1, max: 5_000 });
    fc.assert(
      fc.property(
        percent,
        percent,
        percent.filter((value) => value > 0),
        side,
        (x, y, width, pixels) => {
          const region = cropRegion({ x, y, width, height: 100 }, { width: pixels, height: pixels });
          expect(region.left).toBeGreaterThanOrEqual(0);
          expect(region.width).toBeGreaterThanOrEqual(1);
          expect(region.left + region.width).toBeLessThanOrEqual(pixels);
          if (region.width > 1) {
            expect(region.left).toBeGreaterThanOrEqual((x / 100) * pixels - 1e-3);
            expect(region.left + region.width).toBeLessThanOrEqual(((x + width) / 100) * pixels + 1e-3);
          }
        },
      ),
    );
  });
});
