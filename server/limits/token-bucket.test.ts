import { expect, test } from '@jest/globals';
import { createTokenBucket } from './token-bucket.ts';

test('a bucket gives as much as it holds, then as fast as it fills, and never holds more', () => {
  let now = 1_000;
  const bucket = createTokenBucket({ burst: 3, perSecond: 2 }, () => now);
  const take = (times: number) => Array.from({ length: times }, () => bucket.take());
  expect(take(4)).toEqual([null, null, null, 500]);
  now += 200;
  expect(take(1)).toEqual([300]);
  now += 300;
  expect(take(2)).toEqual([null, 500]);
  now += 60_000;
  expect(take(4)).toEqual([null, null, null, 500]);
});
