import { expect, test } from '@jest/globals';
import { meanLuma, sharpnessOf } from './luma.ts';

/** Four by three pixels: all black but for the second one of the second row. */
const dotted = (...dot: number[]) => {
  const channels = dot.length as 1 | 2 | 3 | 4;
  const data = Buffer.alloc(12 * channels);
  data.set(dot, 5 * channels);
  return { data, width: 4, height: 3, channels };
};

test('the sharpness is the standard deviation of the Laplacian of the luma, of all pixels with four neighbors', () => {
  // There are two: -4 and 1 of what the dot has.
  expect(sharpnessOf(dotted(255, 255, 255))).toBe(2.5);
  expect(sharpnessOf(dotted(255))).toBe(2.5);
  expect(sharpnessOf(dotted(255, 7))).toBe(2.5);
  expect(sharpnessOf(dotted(255, 0, 0))).toBeCloseTo(2.5 * 0.2126, 12);
  expect(sharpnessOf(dotted(0, 255, 0, 7))).toBeCloseTo(2.5 * 0.7152, 12);
  expect(sharpnessOf(dotted(0, 0, 51))).toBeCloseTo(0.5 * 0.0722, 12);
});

test('rows take their turns: each is held against the one above and the one below', () => {
  const values = [
    [9, 200, 31, 7],
    [80, 0, 255, 90],
    [61, 17, 4, 130],
    [255, 88, 0, 5],
    [3, 140, 77, 210],
  ];
  const pixels = { data: Buffer.from(values.flat()), width: 4, height: 5, channels: 1 } as const;
  const at = (x: number, y: number) => values[y]![x]! / 255;
  const edges = [1, 2, 3].flatMap((y) =>
    [1, 2].map((x) => at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y)),
  );
  const mean = edges.reduce((sum, edge) => sum + edge) / edges.length;
  const variance = edges.reduce((sum, edge) => sum + (edge - mean) ** 2, 0) / edges.length;
  expect(sharpnessOf(pixels)).toBeCloseTo(Math.sqrt(variance), 12);
});

test('the average luma is that of all pixels, whatever their number of channels', () => {
  expect(meanLuma(dotted(255))).toBeCloseTo(1 / 12, 12);
  expect(meanLuma(dotted(255, 0, 255, 0))).toBeCloseTo((0.2126 + 0.0722) / 12, 12);
});
