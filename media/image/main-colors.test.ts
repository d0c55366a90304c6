import { expect, test } from '@jest/globals';
import { mainColors } from './main-colors.ts';

/** So many pixels of each of these. */
const pixelsOf = (...areas: (readonly [count: number, ...pixel: number[]])[]) =>
  Buffer.from(areas.flatMap(([count, ...pixel]) => Array.from({ length: count }, () => pixel).flat()));

test.each([1, 2, 3, 4] as const)('with %i channels shares are of what is seen', (channels) => {
  const dark = { 1: [20], 2: [20, 128], 3: [20, 20, 20], 4: [20, 20, 20, 255] }[channels];
  const light = { 1: [220], 2: [220, 255], 3: [220, 220, 220], 4: [220, 220, 220, 200] }[channels];
  const hidden = { 1: [], 2: [120, 127], 3: [], 4: [0, 200, 0, 0] }[channels];
  const data = pixelsOf([10, ...dark], [30, ...light], [50, ...hidden]);
  expect(mainColors({ data, channels })).toEqual([
    { color: '#dcdcdc', share: 0.75 },
    { color: '#141414', share: 0.25 },
  ]);
});

test('colors that look alike are one, those of hardly any pixels are none', () => {
  const data = pixelsOf([60, 200, 30, 30], [36, 205, 32, 33], [2, 20, 200, 40]);
  const found = mainColors({ data, channels: 3 });
  expect(found).toEqual([{ color: '#c81e1e', share: 0.98 }]);
});

test('of more colors than there are groups the same six come out again, the largest first', () => {
  const hues = Array.from({ length: 12 }, (_, hue) => [hue * 23, (hue * 97) % 256, (hue * 151) % 256] as const);
  const data = pixelsOf(...hues.map((hue, at) => [at + 1, ...hue] as const));
  const found = mainColors({ data, channels: 3 });
  expect(found.length).toBeGreaterThan(3);
  expect(found.length).toBeLessThanOrEqual(6);
  expect(found.map(({ share }) => share)).toEqual(found.map(({ share }) => share).toSorted((a, b) => b - a));
  expect(mainColors({ data, channels: 3 })).toEqual(found);
});
