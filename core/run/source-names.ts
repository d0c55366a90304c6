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
  /** Not null: the node was executed once for each element of a list. */
  readonly parts: object | null;
  readonly inputData: Readonly<Record<string, unknown>> | null;
  readonly outputData: Readonly<Record<string, unknown>> | null;
  readonly finishedAt: string | null;
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
 */
export function sourceNames(
  executions: readonly TracedExecution[],
  { names, isGiven }: { readonly names: ReadonlyMap<string, string>; readonly isGiven: IsGiven },
): ReadonlyMap<string, Readonly<Record<string, SourceName>>> {
  const known = new Map<string, SourceName>();
  const lists: (string | null)[][] = [];
  const found = new Map<string, Record<string, SourceName>>();

  const stemOf = (file: AssetReference): string | null => {
    const name = names.get(file.assetId);
    return name === undefined ? null : stemOfName(name);
  };
  const sourceOf = (value: unknown): SourceName => known.get(identityOf(value)) ?? null;

  /** Everything that is known of what went in; a list counts as its elements. */
  function sourcesIn({ inputData }: TracedExecution): ReadonlySet<string> {
    const values = Object.values(inputData ?? {}).flatMap((value) =>
      Array.isArray(value) ? [value, ...value] : [value],
    );
    return new Set(values.flatMap((value) => [sourceOf(value)].flat()).filter((name) => name !== null));
  }

  function ofOutput(execution: TracedExecution, value: unknown): SourceName {
    if (isGiven(execution.nodeType)) {
      return Array.isArray(value)
        ? value.map((item) => (isAssetReference(item) ? stemOf(item) : null))
        : isAssetReference(value)
          ? stemOf(value)
          : null;
    }
    const before = known.get(identityOf(value));
    if (before !== undefined) return before;
    if (Array.isArray(value) && execution.parts !== null) {
      const fitting = lists.filter((list) => list.length === value.length);
      return fitting.length === 1 ? fitting[0]! : null;
    }
    const sources = sourcesIn(execution);
    const [only = null] = sources.size === 1 ? sources : [];
    if (!Array.isArray(value)) return only;
    return value.map((item) => {
      const own = sourceOf(item);
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
      if (!isSomething(source)) continue;
      found.set(execution.nodeId, { ...found.get(execution.nodeId), [handle]: source });
      known.set(identityOf(value), source);
      if (!Array.isArray(source)) continue;
      if (isGiven(execution.nodeType)) lists.push(source);
      for (const [index, item] of (value as readonly unknown[]).entries())
        known.set(identityOf(item), source[index] ?? null);
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

/** Equal for the same file and for the same words. */
function identityOf(value: unknown): string {
  return isAssetReference(value) ? `file ${value.assetId}` : `value ${JSON.stringify(value)}`;
}
