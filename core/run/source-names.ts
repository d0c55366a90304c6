import { isAssetReference, type AssetReference } from '../node-type/values.ts';

/*
 * Which of the files that people put in a value was made from, as the name of that file: photos that went in as "beach.jpg"
 * and "harbor.jpg" come out as "beach-caption.txt" and "harbor-caption.txt".
 */

/** The name of the file that a value was made from, without its ending; of a list one for each element. Null: none, or several. */
export type SourceName = string | null | (string | null)[];

/** What is looked at of the executions of a run. */
export interface TracedExecution {
  readonly nodeId: string;
  readonly nodeType: string;
  readonly inputData: Readonly<Record<string, unknown>> | null;
  readonly outputData: Readonly<Record<string, unknown>> | null;
  readonly finishedAt: string | null;
}

/** Nodes that were executed once for each element of a list, together. */
export interface TracedRegion {
  readonly nodes: readonly string[];
  /** Where the lists came from that were gone through: a node, or `node:handle`. */
  readonly origins: readonly string[];
}

/** Node types without inputs: what comes out of them was put in. */
type IsGiven = (nodeType: string) => boolean;

/** Ids of the files that were put into a run. */
export function givenFiles(executions: readonly TracedExecution[], isGiven: IsGiven): readonly string[] {
  const outputs = executions.flatMap(({ nodeType, outputData }) =>
    isGiven(nodeType) ? Object.values(outputData ?? {}) : [],
  );
  return [...new Set(outputs.flat().flatMap((value) => (isAssetReference(value) ? [value.assetId] : [])))];
}

/**
 * The source of each output, by node and handle; an output without one is missing. A value has one where everything that is
 * known to have gone into it came from one file. Elements of a list have those of the list that was gone through.
 *
 * @param names of the files that were put in, by their ids
 * @param regions of the run; those of regions within them leave no outputs in the run itself
 */
export function sourceNames(
  executions: readonly TracedExecution[],
  {
    names,
    isGiven,
    regions = [],
  }: {
    readonly names: ReadonlyMap<string, string>;
    readonly isGiven: IsGiven;
    readonly regions?: readonly TracedRegion[];
  },
): ReadonlyMap<string, Readonly<Record<string, SourceName>>> {
  const known = new Map<string, SourceName>();
  const regionOf = new Map(regions.flatMap((region) => region.nodes.map((nodeId) => [nodeId, region] as const)));
  const found = new Map<string, Record<string, SourceName>>();

  const stemOf = (file: AssetReference): string | null => {
    const name = names.get(file.assetId);
    return name === undefined ? null : stemOfName(name);
  };
  const sourceOf = (value: unknown): SourceName => known.get(identityOf(value) ?? '') ?? null;

  /** What is equal and comes from two files, such as a "yes" to each, comes from none that can be named. */
  function remember(value: unknown, source: SourceName): void {
    const identity = identityOf(value);
    if (identity === null) return;
    const before = known.get(identity);
    known.set(identity, before === undefined || isSame(before, source) ? source : null);
  }

  /** The one source that all known values of the inputs have in common; a list counts as its elements. */
  function onlySource({ inputData }: TracedExecution): string | null {
    const values = Object.values(inputData ?? {}).flatMap((value) =>
      Array.isArray(value) ? [value, ...value] : [value],
    );
    const sources = new Set(values.flatMap((value) => [sourceOf(value)].flat()).filter((name) => name !== null));
    const [only = null] = sources;
    return sources.size === 1 ? only : null;
  }

  /** The sources of a list that is handed on as it came in. */
  function handedOn({ inputData }: TracedExecution, list: readonly unknown[]): SourceName {
    const identity = identityOf(list);
    const isInput = Object.values(inputData ?? {}).some(
      (value) => Array.isArray(value) && identityOf(value) === identity,
    );
    return isInput ? sourceOf(list) : null;
  }

  /** The sources of the list that was gone through; where elements were left out, nobody knows which. */
  function ofElements({ origins }: TracedRegion, length: number): SourceName {
    const lists = origins
      .map((origin) => found.get(origin) ?? found.get(origin.slice(0, origin.lastIndexOf(':'))))
      .flatMap((sources) => Object.values(sources ?? {}))
      .filter((source): source is (string | null)[] => Array.isArray(source) && source.length === length);
    const [first = null] = lists;
    return lists.every((list) => isSame(list, first)) ? first : null;
  }

  function ofOutput(execution: TracedExecution, value: unknown): SourceName {
    if (isGiven(execution.nodeType)) {
      return Array.isArray(value)
        ? value.map((item) => (isAssetReference(item) ? stemOf(item) : null))
        : isAssetReference(value)
          ? stemOf(value)
          : null;
    }
    // A file that is handed on stays what it was.
    if (!Array.isArray(value)) return onlySource(execution) ?? (isAssetReference(value) ? sourceOf(value) : null);
    const region = regionOf.get(execution.nodeId);
    if (region !== undefined) return ofElements(region, value.length);
    const before = handedOn(execution, value);
    if (before !== null) return before;
    const only = onlySource(execution);
    return value.map((item) => {
      const own = isAssetReference(item) ? sourceOf(item) : null;
      return typeof own === 'string' ? own : only;
    });
  }

  const inOrder = executions.toSorted(
    (one, other) =>
      Number(isGiven(other.nodeType)) - Number(isGiven(one.nodeType)) ||
      (one.finishedAt ?? '9').localeCompare(other.finishedAt ?? '9'),
  );
  for (const execution of inOrder) {
    for (const [handle, value] of Object.entries(execution.outputData ?? {})) {
      const source = ofOutput(execution, value);
      if (!isSomething(source)) {
        // Words that come from nowhere are nobody's, whatever else says the same.
        if (typeof value === 'string') remember(value, null);
        continue;
      }
      found.set(execution.nodeId, { ...found.get(execution.nodeId), [handle]: source });
      remember(value, source);
      if (!Array.isArray(source)) continue;
      for (const [index, item] of (value as readonly unknown[]).entries()) remember(item, source[index] ?? null);
    }
  }
  return found;
}

/** The name of a file that is made from another: `beach-ready-to-send`. */
export function nameFrom(source: string, what: string): string {
  const words = what
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return words === '' ? source : `${source}-${words}`;
}

/** The name of a file without its ending; null where nothing is left. */
export function stemOfName(name: string): string | null {
  const stem = name.replace(/\.[^.]{1,8}$/, '').trim();
  return stem === '' ? null : stem;
}

function isSomething(source: SourceName): boolean {
  return Array.isArray(source) ? source.some((name) => name !== null) : source !== null;
}

function isSame(one: SourceName, other: SourceName): boolean {
  return Array.isArray(one) && Array.isArray(other)
    ? one.length === other.length && one.every((name, index) => name === other[index])
    : one === other;
}

/** Short, and equal for the same file, for the same words, and for lists of them; null for anything else. */
function identityOf(value: unknown): string | null {
  if (typeof value === 'string') return `text ${value.length} ${hashOf([value])}`;
  if (Array.isArray(value)) {
    const inner = value.map(identityOf);
    return inner.every((identity) => identity !== null) ? `list ${value.length} ${hashOf(inner)}` : null;
  }
  return isAssetReference(value) ? `file ${value.assetId}` : null;
}

/** FNV-1a, 32 bits, in base 36. */
function hashOf(texts: readonly string[]): string {
  let hash = 0x81_1c_9d_c5;
  for (const text of texts) {
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
    hash = Math.imul(hash ^ 0xff, 0x01_00_01_93);
  }
  return (hash >>> 0).toString(36);
}
