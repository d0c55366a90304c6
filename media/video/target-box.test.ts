import { expect, test } from '@jest/globals';
import { scaledInto, targetBox, type WantedSize } from './target-box.ts';

const wide = { width: 1_920, height: 1_080 };
const nothing: WantedSize = { width: null, height: null, aspect: null, mode: 'fit' };

test.each<[string, Partial<WantedSize>, [number, number]]>([
  ['nothing asked', {}, [1_920, 1_080]],
  ['a width', { width: 1_280 }, [1_280, 720]],
  ['a height', { height: 480 }, [854, 480]],
  ['both sides', { width: 500, height: 501 }, [500, 502]],
  ['a width with an aspect', { width: 1_080, aspect: 9 / 16 }, [1_080, 1_920]],
  ['an aspect that is cut out', { aspect: 9 / 16, mode: 'cover' }, [608, 1_080]],
  ['an aspect that is put around', { aspect: 9 / 16, mode: 'blur' }, [1_920, 3_414]],
  ['a wider aspect that is cut out', { aspect: 2, mode: 'cover' }, [1_920, 960]],
  ['a wider aspect that is put around', { aspect: 2, mode: 'pad' }, [2_160, 1_080]],
])('%s gives an even box', (_what, wanted, [width, height]) => {
  expect(targetBox(wide, { ...nothing, ...wanted })).toEqual({ width, height });
});

test('a picture lies within its box, or covers it', () => {
  const box = { width: 1_080, height: 1_920 };
  expect(scaledInto(wide, box, 'lie')).toEqual({ width: 1_080, height: 608 });
  expect(scaledInto(wide, box, 'cover')).toEqual({ width: 3_414, height: 1_920 });
});
