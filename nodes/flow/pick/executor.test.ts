import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OutputValue } from '../../../core/node-type/values.ts';
import { makePicture } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { pickNode } from './definition.ts';
import { pickExecutor } from './executor.ts';
import { shuffled, sorted } from './order.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const pick = async (items: OutputValue, data: object) => (await runs.run(pickExecutor, data, { items }))['output'];
const letters = ['a', 'b', 'c', 'd', 'e'];

test.each([
  [{}, ['a']],
  [{ mode: 'first', count: 2 }, ['a', 'b']],
  [{ mode: 'first', count: 9 }, letters],
  [{ mode: 'last', count: 2 }, ['d', 'e']],
  [{ mode: 'every', count: 2 }, ['a', 'c', 'e']],
  [{ mode: 'range', from: 1, to: 3 }, ['b', 'c', 'd']],
  [{ mode: 'range', from: -2 }, ['d', 'e']],
  [{ mode: 'range', from: 1, to: -2 }, ['b', 'c', 'd']],
  [{ mode: 'range', from: 3, to: 1 }, []],
  [{ mode: 'index', index: 2 }, ['c']],
  [{ mode: 'index', index: [4, 0, 0] }, ['e', 'a', 'a']],
  [{ mode: 'index', index: '1, -1; 0' }, ['b', 'e', 'a']],
])('%j', async (data, expected) => {
  expect(await pick(letters, data)).toEqual(expected);
});

test('of nothing there is nothing to pick, and a single value is a list of one', async () => {
  expect(await pick([], { mode: 'last', count: 3 })).toEqual([]);
  expect(await pick([], { mode: 'shuffle' })).toEqual([]);
  expect(await pick('a', { mode: 'sort' })).toEqual(['a']);
});

describe('sorted', () => {
  test.each([
    [['b', 'a', 'C'], {}, ['a', 'b', 'C']],
    [['photo 10', 'photo 9'], {}, ['photo 9', 'photo 10']],
    [[10, 9, -1], { descending: true }, [10, 9, -1]],
    [['x', null, 2, { a: 1 }, true], {}, [true, 2, 'x', { a: 1 }, null]],
    [[{ n: 2 }, { m: 0 }, { n: 1 }], { by: 'n' }, [{ n: 1 }, { n: 2 }, { m: 0 }]],
    [[{ n: 2 }, { m: 0 }, { n: 1 }], { by: 'n', descending: true }, [{ n: 2 }, { n: 1 }, { m: 0 }]],
    [[{ a: { b: 2 } }, { a: { b: 1 } }], { by: 'a.b' }, [{ a: { b: 1 } }, { a: { b: 2 } }]],
  ])('%j %j', async (items, data, expected) => {
    expect(await pick(items as OutputValue, { mode: 'sort', ...data })).toEqual(expected);
  });

  test('keeps the order of equal ones, both ways', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { maxLength: 20 }), fc.boolean(), (numbers, descending) => {
        const items = numbers.map((n, place) => ({ n, place }));
        const result = sorted(items, 'n', descending) as typeof items;
        for (let index = 1; index < result.length; index += 1) {
          const [one, other] = [result[index - 1]!, result[index]!];
          expect(one.n === other.n ? one.place < other.place : descending ? one.n > other.n : one.n < other.n).toBe(
            true,
          );
        }
        expect(new Set(result)).toEqual(new Set(items));
      }),
      { numRuns: 100 },
    );
  });
});

describe('without repetitions', () => {
  test.each([
    [['a', 'b', 'a'], {}, ['a', 'b']],
    [[1, '1', 1], {}, [1, '1']],
    [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      {},
      [{ a: 1, b: 2 }],
    ],
    [
      [
        { a: 1, b: 2 },
        { a: 1, b: 3 },
      ],
      { by: 'a' },
      [{ a: 1, b: 2 }],
    ],
  ])('%j %j', async (items, data, expected) => {
    expect(await pick(items as OutputValue, { mode: 'unique', ...data })).toEqual(expected);
  });

  test('files count by their contents', async () => {
    const asset = await runs.assetOf(await makePicture('png'));
    const copy = { ...asset, assetId: '0198c0de-0000-7000-8000-000000000000' };
    expect(await pick([asset, copy], { mode: 'unique' })).toEqual([asset]);
  });
});

describe('shuffled', () => {
  const numbers = Array.from({ length: 52 }, (_none, index) => index);

  test('has the same order for the same seed, and another for another', () => {
    expect(shuffled(numbers, 7)).toEqual(shuffled(numbers, 7));
    const orders = Array.from({ length: 50 }, (_none, seed) => shuffled(numbers, seed).join());
    expect(new Set(orders).size).toBe(50);
    for (let seed = 0; seed < 50; seed += 1)
      expect(shuffled(numbers, seed).toSorted((a, b) => (a as number) - (b as number))).toEqual(numbers);
  });

  test('puts each element in each place about equally often', () => {
    const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    for (let seed = 0; seed < 4_000; seed += 1) {
      for (const [place, element] of shuffled([0, 1, 2, 3], seed).entries()) counts[place]![element as number]! += 1;
    }
    // A thousand each; five standard deviations are 137.
    for (const count of counts.flat()) expect(Math.abs(count - 1_000)).toBeLessThan(137);
  });
});

test.each([
  [{ index: 5 }, 'none at index 5. Choose one from 0 to 4'],
  [{ index: [-6] }, 'none at index -6'],
  [{ index: 'two' }, '"two" is not an index'],
  [{ index: ' , ' }, 'There is no index'],
])('an index that leads nowhere is said: %j', async (data, message) => {
  const expected: unknown = expect.stringContaining(message);
  await expect(pick(letters, { mode: 'index', ...data })).rejects.toMatchObject({
    code: 'NODE_DATA_INVALID',
    message: expected,
  });
  if (typeof data.index !== 'string') return;
  const config = pickNode.configSchema.parse({ mode: 'index', ...data });
  expect(pickNode.check?.(config, new Set())).toEqual([{ field: 'index', message: expected }]);
});

test('nothing connected is an error', async () => {
  await expect(runs.run(pickExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
