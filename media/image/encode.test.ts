import { expect, test } from '@jest/globals';
import { isThorough, lossyWebp } from './encode.ts';

test('an image is encoded in one go where going over it again would hold too much of it in memory', () => {
  const camera = 12_000_000;
  const largest = 50_000_000;
  for (const encoding of ['4:4:4', '4:2:0', 'webp'] as const) {
    expect([isThorough(camera, encoding), isThorough(largest, encoding)]).toEqual([true, false]);
  }
  // A photo of 24 MP as cameras write it.
  expect(isThorough(24_000_000, '4:2:0')).toBe(true);
  expect(lossyWebp(camera, 80)).toEqual({ quality: 80, smartSubsample: true });
  expect(lossyWebp(largest, 80)).toEqual({ quality: 80, smartSubsample: false, effort: 2 });
});
