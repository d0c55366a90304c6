import type { OutputValue } from '../../../core/node-type/values.ts';

/** Numbers within texts count as numbers, so that `photo 10` comes after `photo 9`. */
const collator = new Intl.Collator('en', { numeric: true });

/** What an element is sorted by: itself, or what lies at a path of fields with dots between. Undefined where nothing does. */
export function valueAt(item: OutputValue, by: string): OutputValue | undefined {
  let value: unknown = item;
  for (const part of by === '' ? [] : by.split('.')) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string, unknown>)[part]
        : undefined;
  }
  return value as OutputValue | undefined;
}

/** Numbers first, then texts, then all else; within each by size or alphabet. What has no such value comes last. Equal ones keep their order. */
export function sorted(list: readonly OutputValue[], by: string, descending: boolean): OutputValue[] {
  const keyed = list.map((item) => ({ item, value: valueAt(item, by) ?? null }));
  const sign = descending ? -1 : 1;
  return keyed
    .toSorted((left, right) => {
      const ranks = rankOf(left.value) - rankOf(right.value);
      return ranks === 0 ? sign * compare(left.value, right.value) : ranks;
    })
    .map(({ item }) => item);
}

function rankOf(value: OutputValue): number {
  if (value === null) return 3;
  return typeof value === 'number' || typeof value === 'boolean' ? 0 : typeof value === 'string' ? 1 : 2;
}

function compare(left: OutputValue, right: OutputValue): number {
  if (rankOf(left) === 0) return Number(left) - Number(right);
  if (typeof left === 'string' && typeof right === 'string') return collator.compare(left, right);
  return collator.compare(JSON.stringify(left), JSON.stringify(right));
}

/** All elements in an order that the seed alone decides (Fisher-Yates with a generator of 32 bits, mulberry32). */
export function shuffled(list: readonly OutputValue[], seed: number): OutputValue[] {
  const result = [...list];
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  for (let last = result.length - 1; last > 0; last -= 1) {
    const at = Math.floor(next() * (last + 1));
    [result[last], result[at]] = [result[at]!, result[last]!];
  }
  return result;
}
