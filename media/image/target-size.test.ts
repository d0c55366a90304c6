import { expect, test } from '@jest/globals';
import { targetSize, type SizeRequest } from './target-size.ts';

const landscape = { width: 400, height: 200 };
const base: SizeRequest = { mode: 'inside', unit: 'px', mayEnlarge: false };
const size = (request: Partial<SizeRequest>, source = landscape) => {
  const { box, image } = targetSize({ ...base, ...request }, source);
  return [box.width, box.height, image.width, image.height];
};

test.each([
  ['a box that it fits into', { width: 100, height: 100 }, [100, 50, 100, 50]],
  ['a width alone', { width: 100 }, [100, 50, 100, 50]],
  ['a height alone', { height: 50 }, [100, 50, 100, 50]],
  ['percent', { width: 50, height: 25, unit: 'percent' }, [100, 50, 100, 50]],
  ['more than it has', { width: 800 }, [400, 200, 400, 200]],
  ['more than it has, if it may', { width: 800, mayEnlarge: true }, [800, 400, 800, 400]],
  ['almost nothing', { width: 1 }, [1, 1, 1, 1]],
  ['a square to fill', { mode: 'cover', width: 100, height: 100 }, [100, 100, 200, 100]],
  ['a square to fill that is too large', { mode: 'cover', width: 400, height: 400 }, [200, 200, 400, 200]],
  ['a square to fill, enlarged', { mode: 'cover', width: 400, height: 400, mayEnlarge: true }, [400, 400, 800, 400]],
  ['a square to pad', { mode: 'pad', width: 100, height: 100 }, [100, 100, 100, 50]],
  ['a square to pad that is too large', { mode: 'pad', width: 800, height: 800 }, [800, 800, 400, 200]],
  ['a square to stretch to', { mode: 'exact', width: 500, height: 500 }, [500, 500, 500, 500]],
] as const)('%s', (_, request, expected) => {
  expect(size(request)).toEqual(expected);
});

test('a covered box is never larger than the image in it, whatever is rounded', () => {
  for (let width = 1; width <= 60; width += 1) {
    for (let height = 1; height <= 60; height += 7) {
      const { box, image } = targetSize({ ...base, mode: 'cover', width, height }, { width: 37, height: 23 });
      expect(image.width).toBeGreaterThanOrEqual(box.width);
      expect(image.height).toBeGreaterThanOrEqual(box.height);
    }
  }
});

test('without a width and a height there is nothing to do', () => {
  expect(() => size({})).toThrow(expect.objectContaining({ code: 'NODE_DATA_INVALID' }));
});
