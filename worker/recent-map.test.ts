import { expect, test } from '@jest/globals';
import { createRecentMap } from './recent-map.ts';

function mapAt(options: { keepMs?: number; maxWeight?: number } = {}) {
  const clock = { ms: 0 };
  return { clock, map: createRecentMap<number>({ keepMs: 1_000, maxWeight: 100, now: () => clock.ms, ...options }) };
}

test('what was set lately is there', () => {
  const { clock, map } = mapAt();
  map.set('a', 1);
  clock.ms = 999;
  map.set('b', 2);
  clock.ms = 1_000;
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, 2, undefined]);
});

test('what was set long ago is not, however little came after it', () => {
  const { clock, map } = mapAt();
  map.set('a', 1);
  clock.ms = 2_000;
  expect(map.get('a')).toBeUndefined();
});

test('what was set before the last turn goes with the next one', () => {
  const { clock, map } = mapAt();
  map.set('a', 1);
  clock.ms = 1_500;
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  clock.ms = 2_500;
  expect([map.get('a'), map.get('b')]).toEqual([undefined, 2]);
});

test('a newer value takes the place of an older one', () => {
  const { clock, map } = mapAt();
  map.set('a', 1);
  clock.ms = 1_200;
  map.set('a', 2);
  expect(map.get('a')).toBe(2);
});

test('never more is held than the most', () => {
  const { map } = mapAt();
  for (let key = 0; key < 1_000; key += 1) map.set(String(key), key, 10);
  const held = Array.from({ length: 1_000 }, (_, key) => map.get(String(key))).filter((value) => value !== undefined);
  expect(held.length).toBeLessThanOrEqual(10);
  expect(map.get('999')).toBe(999);
});
