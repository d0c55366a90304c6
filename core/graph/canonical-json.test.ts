import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';

describe('canonical JSON', () => {
  test.each<[unknown, string]>([
    [null, 'null'],
    [undefined, 'null'],
    [-0, '0'],
    [1e21, '1e+21'],
    ['a"\n\u2028', '"a\\"\\n\u2028"'],
    ['\ud800', '"\\ud800"'],
    [[], '[]'],
    [[1, [2, undefined]], '[1,[2,null]]'],
    [{}, '{}'],
    [{ b: 1, a: { d: undefined, c: [] } }, '{"a":{"c":[]},"b":1}'],
    [{ 10: 'ten', 9: 'nine', Z: 1, a: 2, ä: 3 }, '{"10":"ten","9":"nine","Z":1,"a":2,"ä":3}'],
    [JSON.parse('{"constructor": 1, "__proto__": {"b": 1, "a": 2}}'), '{"__proto__":{"a":2,"b":1},"constructor":1}'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test('reads back as the value it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('is the same text whatever order the keys were written in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(withKeysReversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test('is another text where the order of a list differs', () => {
    expect(canonicalJson({ list: [1, 2] })).not.toBe(canonicalJson({ list: [2, 1] }));
  });
});

function withKeysReversed(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(withKeysReversed);
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, withKeysReversed(member)]),
  );
}
