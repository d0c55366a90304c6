import { TerminalError } from '../errors/app-error.ts';
import { StoredElement } from '../node-type/stored-element.ts';
import { isAssetReference, type OutputValue } from '../node-type/values.ts';
import { contentOf } from './cache-key.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ChosenElements, EachSettings } from './each.ts';
import type { Hash } from './fingerprint.ts';

/** A list at the edge of a region. */
export interface EachList {
  /** The id of the edge. */
  readonly edge: string;
  /** As `Region.origins` has it. */
  readonly origin: string;
  /** What the edge carries. */
  readonly list: OutputValue;
}

/** What one part of a region gets. */
export interface PartElement {
  /** From 0, in the order of the lists. */
  readonly index: number;
  /** The same for equal elements in whatever place; further ones end in `#2`, `#3` … */
  readonly key: string;
  /** By id of the edge. */
  readonly values: Readonly<Record<string, OutputValue>>;
}

/**
 * How many parts lists give.
 *
 * Throws TYPE_MISMATCH where something is no list, and LIST_LENGTHS_DIFFER where lists do not go together.
 */
export function countElements(lists: readonly EachList[], pairing: EachSettings['pairing']): number {
  const lengths = [...lengthsByOrigin(lists).values()];
  if (lengths.length === 0) return 0;
  switch (pairing) {
    case 'pair':
      if (new Set(lengths).size > 1) throw lengthsDiffer(lengths);
      return lengths[0]!;
    case 'repeatLast':
      if (lengths.includes(0) && lengths.some((length) => length > 0)) throw nothingToRepeat();
      return Math.max(...lengths);
    case 'combinations':
      return lengths.reduce((product, length) => product * length, 1);
  }
}

/**
 * What each part of a region gets of the lists that come into it, in order: by pairs, with the last element of shorter
 * lists repeated, or each with each, where the last list changes fastest. Lists of one origin always go in pairs.
 *
 * The key of a part is the hash of its element: of a file that of its content, else of its canonical JSON.
 *
 * Throws as `countElements`; ask that first where there is a limit.
 */
export function elementsOf(
  lists: readonly EachList[],
  pairing: EachSettings['pairing'],
  hash: Hash,
): readonly PartElement[] {
  const total = countElements(lists, pairing);
  const lengths = lengthsByOrigin(lists);
  const strides = stridesOf(lengths);
  const keys = lists.map(({ list }) => (list as OutputValue[]).map((value) => keyOf(value, hash)));
  const seen = new Map<string, number>();
  return Array.from({ length: total }, (_none, index) => {
    const places = lists.map(({ origin }) => {
      const length = lengths.get(origin)!;
      if (pairing === 'combinations') return Math.floor(index / strides.get(origin)!) % length;
      return Math.min(index, length - 1);
    });
    // One list that comes in by two ways is one element all the same.
    const own = places.map((place, at) => keys[at]![place]!);
    const key = new Set(own).size === 1 ? own[0]! : hash(canonicalJson(own));
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return {
      index,
      key: times === 1 ? key : `${key}#${times}`,
      values: Object.fromEntries(lists.map(({ edge, list }, at) => [edge, (list as OutputValue[])[places[at]!]!])),
    };
  });
}

/** The chosen ones among so many places, from 0 in the order of the list. Places beyond its end are none. */
export function chosenPlaces(total: number, only: ChosenElements | undefined): readonly number[] | null {
  if (only === undefined) return null;
  if ('first' in only) return Array.from({ length: Math.min(total, only.first) }, (_none, place) => place);
  return [...new Set(only.at)].filter((place) => place < total).toSorted((one, other) => one - other);
}

/** The chosen ones among elements, with places of their own; their keys stay what they are. */
export function chosenAmong(
  elements: readonly PartElement[],
  only: ChosenElements | undefined,
): readonly PartElement[] {
  const places = chosenPlaces(elements.length, only);
  return places === null ? elements : places.map((place, index) => ({ ...elements[place]!, index }));
}

/** The name of one value among elements: of a file its content, else of its canonical JSON. */
export function keyOf(value: OutputValue, hash: Hash): string {
  if (value instanceof StoredElement) return value.key;
  return isAssetReference(value) ? value.sha256 : hash(canonicalJson(contentOf(value)));
}

/** Characters of the words for an element. */
const maxLabel = 80;

/** A few words of an element; null where it has none, such as a file. */
export function labelOf(value: OutputValue): string | null {
  if (value instanceof StoredElement) return value.label;
  if (value === null || isAssetReference(value)) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.trim().replaceAll(/\s+/g, ' ');
  if (line === '') return null;
  return line.length > maxLabel ? `${line.slice(0, maxLabel - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
}

/** Lengths in the order in which the origins come. */
function lengthsByOrigin(lists: readonly EachList[]): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>();
  for (const { edge, origin, list } of lists) {
    if (!Array.isArray(list)) {
      throw new TerminalError(
        'TYPE_MISMATCH',
        `The edge "${edge}" should carry a list, but carries a single value. Connect a node that outputs a list.`,
        { details: { edge, expected: 'list' } },
      );
    }
    const known = lengths.get(origin);
    if (known !== undefined && known !== list.length) throw lengthsDiffer([known, list.length]);
    lengths.set(origin, list.length);
  }
  return lengths;
}

/** After how many parts each origin moves on: those after it go through all of theirs first. */
function stridesOf(lengths: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const strides = new Map<string, number>();
  let stride = 1;
  for (const [origin, length] of [...lengths].toReversed()) {
    strides.set(origin, stride);
    stride *= length;
  }
  return strides;
}

function lengthsDiffer(lengths: readonly number[]): TerminalError {
  return new TerminalError(
    'LIST_LENGTHS_DIFFER',
    `The lists that meet here have different lengths (${lengths.join(', ')}), so their elements do not go together one by one. ` +
      'Make them equally long, or choose to repeat the last element or to take all combinations.',
    { details: { lengths } },
  );
}

function nothingToRepeat(): TerminalError {
  return new TerminalError(
    'LIST_LENGTHS_DIFFER',
    'One of the lists that meet here is empty, so it has no last element to repeat. Give it at least one element.',
    { details: {} },
  );
}
