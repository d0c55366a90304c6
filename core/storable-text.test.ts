import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { storable, storableText } from './storable-text.ts';

describe('storable text', () => {
  test.each([
    ['plain', 'plain'],
    ['', ''],
    ['a\0b\0', 'ab'],
    ['bad \ud800 thing', 'bad \ufffd thing'],
    ['\ude00 the second half alone', '\ufffd the second half alone'],
    ['a whole pair \ud83d\ude00', 'a whole pair \ud83d\ude00'],
    ['halves apart \ud83d\0\ude00', 'halves apart \ud83d\ude00'],
  ])('makes %j to %j', (given, stored) => {
    expect(storableText(given)).toBe(stored);
  });

  test('is what it was where it could be stored, and is stored unchanged the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = storableText(text);
        expect(storableText(once)).toBe(once);
        expect(/\0/.test(once)).toBe(false);
        expect(JSON.stringify(once)).not.toMatch(/\\ud[89a-f]/);
      }),
    );
  });

  test('is cut at its limit, never within a pair, and says how long it was', () => {
    expect(storableText('x'.repeat(200_000), 2_000)).toHaveLength(2_000);
    expect(storableText('x'.repeat(200_000), 2_000)).toMatch(/x … \(cut: 200000 characters\)$/);
    const pairs = storableText('\ud83d\ude00'.repeat(2_000), 2_001);
    expect(pairs.length).toBeLessThanOrEqual(2_001);
    expect(storableText(pairs)).toBe(pairs);
  });

  test('reaches every text of a value and leaves all else as it is', () => {
    expect(storable({ 'a\0': ['\ud800', 1, null, true, { b: 'c\0' }], d: undefined })).toEqual({
      a: ['\ufffd', 1, null, true, { b: 'c' }],
      d: undefined,
    });
  });
});
