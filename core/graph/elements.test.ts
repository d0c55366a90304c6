import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../../testing/graphs.ts';
import type { OutputValue } from '../node-type/values.ts';
import { countElements, elementsOf, type EachList } from './elements.ts';

const photo = (assetId: string, content: string) => ({
  assetId: `0198c0de-0000-7000-8000-00000000000${assetId}`,
  url: `/api/assets/${assetId}/content`,
  mimeType: 'image/png',
  bytes: 1,
  sha256: content.repeat(64),
});

/** Lists by their origin, in order. */
const lists = (...given: [origin: string, list: OutputValue][]): EachList[] =>
  given.map(([origin, list], at) => ({ edge: `e${at}`, origin, list }));

const keysOf = (list: OutputValue[]) => elementsOf(lists(['x', list]), 'pair', sha256).map(({ key }) => key);

/** The values of each part, by the order of the edges. */
const rows = (given: EachList[], pairing: 'pair' | 'repeatLast' | 'combinations') =>
  elementsOf(given, pairing, sha256).map(({ values }) => given.map(({ edge }) => values[edge]));

describe('several lists go together', () => {
  const [two, three]: OutputValue[][] = [
    ['a', 'b'],
    [1, 2, 3],
  ];

  test('by pairs', () => {
    expect(rows(lists(['x', ['a', 'b', 'c']], ['y', three!]), 'pair')).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
  });

  test('with the last element of shorter ones repeated', () => {
    expect(rows(lists(['x', two!], ['y', three!]), 'repeatLast')).toEqual([
      ['a', 1],
      ['b', 2],
      ['b', 3],
    ]);
  });

  test('each with each, the last list changing fastest', () => {
    expect(rows(lists(['x', two!], ['y', three!]), 'combinations')).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['b', 1],
      ['b', 2],
      ['b', 3],
    ]);
  });

  test('always by pairs where they are of one origin', () => {
    expect(rows(lists(['x', two!], ['y', [true, false]], ['x', ['A', 'B']]), 'combinations')).toEqual([
      ['a', true, 'A'],
      ['a', false, 'A'],
      ['b', true, 'B'],
      ['b', false, 'B'],
    ]);
  });

  test.each(['pair', 'repeatLast', 'combinations'] as const)('and empty ones give nothing with %s', (pairing) => {
    expect(rows(lists(['x', []]), pairing)).toEqual([]);
    expect(rows(lists(['x', []], ['y', []]), pairing)).toEqual([]);
  });

  test.each([
    ['pair', lists(['x', two!], ['y', three!]), /\(2, 3\).*Make them equally long/],
    ['pair', lists(['x', two!], ['y', []]), /\(2, 0\)/],
    ['repeatLast', lists(['x', two!], ['y', []]), /empty.*Give it/],
    ['combinations', lists(['x', two!], ['x', three!]), /\(2, 3\)/],
  ] as const)('%s: but not of these lengths', (pairing, given, message) => {
    const thrown = { code: 'LIST_LENGTHS_DIFFER', message: expect.stringMatching(message) as unknown };
    expect(() => countElements(given, pairing)).toThrow(expect.objectContaining(thrown));
    expect(() => elementsOf(given, pairing, sha256)).toThrow(expect.objectContaining(thrown));
  });

  test('and are counted without being put together', () => {
    const long = Array.from({ length: 10_000 }, (_none, index) => index);
    expect(countElements(lists(['x', long], ['y', long]), 'combinations')).toBe(100_000_000);
    expect(countElements(lists(['x', long], ['y', long]), 'pair')).toBe(10_000);
    expect(countElements([], 'pair')).toBe(0);
  });
});

test('what is no list is refused, with the edge that carries it', () => {
  expect(() => countElements(lists(['x', ['a']], ['y', 'text']), 'pair')).toThrow(
    expect.objectContaining({ code: 'TYPE_MISMATCH', message: expect.stringContaining('"e1"') as unknown }),
  );
});

describe('the key of a part', () => {
  test('goes by the element and not by its place', () => {
    const [first, second] = keysOf(['a', 'b']);
    expect(keysOf(['b', 'x', 'a'])).toEqual([second, expect.any(String), first]);
    expect(keysOf([{ a: 1, b: [2] }])).toEqual(keysOf([{ b: [2], a: 1 }]));
    expect(keysOf(['1'])).not.toEqual(keysOf([1]));
  });

  test('of a file goes by its content', () => {
    expect(keysOf([photo('1', 'a')])).toEqual(['a'.repeat(64)]);
    expect(keysOf([photo('2', 'a')])).toEqual(keysOf([photo('1', 'a')]));
    expect(keysOf([[photo('2', 'a')]])).toEqual(keysOf([[photo('1', 'a')]]));
  });

  test('has a number from the second equal element on', () => {
    const [key] = keysOf(['a']);
    expect(keysOf(['a', 'b', 'a', 'a'])).toEqual([key, keysOf(['b'])[0], `${key}#2`, `${key}#3`]);
  });

  test('goes by all lists, and by one that comes in twice once', () => {
    const pairs = (left: OutputValue[], right: OutputValue[]) =>
      elementsOf(lists(['x', left], ['y', right]), 'pair', sha256).map(({ key }) => key);
    expect(new Set(pairs(['a', 'a', 'b', 'b'], [1, 2, 1, 2])).size).toBe(4);
    expect(pairs(['a'], [1])).not.toEqual(pairs([1 as OutputValue], ['a']));
    expect(pairs(['a', 'b'], ['a', 'b'])).toEqual(keysOf(['a', 'b']));
    const ways = elementsOf(lists(['x', ['a', 'b']], ['y', ['a', 'b']], ['z', ['a', 'b']]), 'combinations', sha256);
    expect(ways.filter(({ key }) => key.includes('#'))).toEqual([]);
  });
});

test('parts are numbered from 0 in order', () => {
  expect(elementsOf(lists(['x', ['a', 'b', 'c']]), 'pair', sha256).map(({ index }) => index)).toEqual([0, 1, 2]);
});
