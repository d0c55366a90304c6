import { fileTypeOf, formatOf } from '../../core/data-types/files.ts';
import { isFileType, traitsOf, type FileTraits, type FileType } from '../../core/data-types/table.ts';
import { nameFrom, type SourceName } from '../../core/run/source-names.ts';
import type { NodeExecution } from '../../core/api/runs.ts';
import type { AssetReference } from '../../core/node-type/values.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { isMedia, partsOf } from '../ui/value-parts.ts';

/** What a result is: a file of one of these types, words, or other data. */
export type ResultKind = FileType | 'text' | 'data';

/** How a result is shown: as its files are; null for texts and data. */
export function shownAs({ kind }: { readonly kind: ResultKind }): FileTraits['shownAs'] | null {
  return isFileType(kind) ? traitsOf(kind).shownAs : null;
}

/** Whether there is something to look at. */
export function isPicture(result: { readonly kind: ResultKind }): boolean {
  const shown = shownAs(result);
  return shown === 'still' || shown === 'moving';
}

/** One thing that a node has put out: a file, a text, or data as JSON. */
export interface Result {
  /** The same for as long as the result is: `<execution>/<attempt>/<handle>/<path>`. */
  readonly key: string;
  readonly kind: ResultKind;
  readonly value: unknown;
  /** The file; null for texts and data. */
  readonly asset: AssetReference | null;
  /** Words as they are, data as indented JSON; null for files. */
  readonly text: string | null;
  /** Name of the node, then of the output where it has several, then the place in a list. */
  readonly title: string;
  readonly execution: NodeExecution;
  /** Put in by a person, such as a photo: the node has no inputs. */
  readonly isGiven: boolean;
}

/** What one node has put out; the same object for as long as its execution is the same. */
export interface ResultGroup {
  readonly execution: NodeExecution;
  /** Name of the node. */
  readonly name: string;
  readonly results: readonly Result[];
}

interface Known {
  readonly catalogue: Catalogue;
  readonly group: ResultGroup;
  /** What people put in comes last, then the newest first. */
  readonly rank: number;
  readonly finishedMs: number;
}

const known = new WeakMap<NodeExecution, Known>();

/**
 * The results of a run by node: newest first, what people put in last. What a node merely passes on is left out, since
 * it stands with the node that made it; so are numbers and yes or no.
 */
export function groupResults(executions: readonly NodeExecution[], catalogue: Catalogue): readonly ResultGroup[] {
  return executions
    .map((execution) => knownOf(execution, catalogue))
    .filter(({ group }) => group.results.length > 0)
    .reverse()
    .toSorted((a, b) => a.rank - b.rank || b.finishedMs - a.finishedMs)
    .map(({ group }) => group);
}

function nameOf({ nodeLabel, nodeType, nodeId }: NodeExecution, catalogue: Catalogue): string {
  return nodeLabel ?? catalogue.get(nodeType)?.title ?? nodeId;
}

/** The output that most nodes have; it needs no name beside others. */
export const mainOutputId = 'output';

/** The results of one node, remembered for as long as its execution stays the same. */
function knownOf(execution: NodeExecution, catalogue: Catalogue): Known {
  const found = known.get(execution);
  if (found?.catalogue === catalogue) return found;
  const results = takeResults(execution, catalogue);
  const { finishedAt } = execution;
  const taken: Known = {
    catalogue,
    group: { execution, name: nameOf(execution, catalogue), results },
    rank: results[0]?.isGiven === true ? 1 : 0,
    finishedMs: finishedAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(finishedAt),
  };
  known.set(execution, taken);
  return taken;
}

function takeResults(execution: NodeExecution, catalogue: Catalogue): readonly Result[] {
  if (execution.status !== 'COMPLETED' || execution.outputData === null) return [];
  const info = catalogue.get(execution.nodeType);
  const name = nameOf(execution, catalogue);
  const outputs = Object.entries(execution.outputData);
  const shown = outputs.filter(([, output]) => partsOf(output).some(({ value }) => kindOf(value) !== null));
  const passed = new Set(Object.values(execution.inputData ?? {}).flatMap((value) => partsOf(value).map(identityOf)));
  return outputs.flatMap(([handle, output]) => {
    // What is not there, such as the errors of a list that went well, is nothing to tell the main one from.
    const isAlone = outputs.length === 1 || (handle === mainOutputId && shown.length === 1);
    const handleTitle = isAlone ? '' : (info?.outputs.find(({ id }) => id === handle)?.title ?? handle);
    const parts = partsOf(output);
    const isOld = (value: unknown) => passed.has(identityOf({ value }));
    // What goes through a list gives a result for each element, also where one comes out as it went in.
    const isWhole = execution.parts !== null && parts.some(({ value }) => kindOf(value) !== null && !isOld(value));
    return parts.flatMap(({ path, value }): Result[] => {
      const kind = kindOf(value);
      if (kind === null || (!isWhole && isOld(value))) return [];
      const asset = isMedia(value) ? value : null;
      return [
        {
          key: [execution.id, execution.attempt, handle, path].join('/'),
          kind,
          value,
          asset,
          text: asset !== null ? null : typeof value === 'string' ? value : JSON.stringify(value, null, 2),
          title: [name, handleTitle, path].filter((part) => part !== '').join(' '),
          execution,
          isGiven: info !== undefined && info.inputs.length === 0,
        },
      ];
    });
  });
}

function kindOf(value: unknown): ResultKind | null {
  if (isMedia(value)) return fileTypeOf(value.mimeType);
  if (typeof value === 'string') return value.trim() === '' ? null : 'text';
  // An empty list, such as the errors of one that went well, is nothing to look at.
  if (Array.isArray(value) && value.length === 0) return null;
  return typeof value === 'object' && value !== null ? 'data' : null;
}

/** Equal for the same file and for the same words. */
function identityOf({ value }: { readonly value: unknown }): string {
  return isMedia(value) ? `file ${value.assetId}` : `value ${JSON.stringify(value)}`;
}

const starKeys = new WeakMap<Result, string>();

/** By which a result is known again in another run: the same file, or the same words of the same node. */
export function starKeyOf(result: Result): string {
  const { asset, text, execution } = result;
  if (asset !== null) return `file ${asset.assetId}`;
  // Asked with every event of a run; the words may be many.
  const key = starKeys.get(result) ?? `text ${execution.nodeId} ${hashOf(text ?? '')}`;
  starKeys.set(result, key);
  return key;
}

/** FNV-1a, 32 bits, in base 36. */
function hashOf(text: string): string {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
  return (hash >>> 0).toString(36);
}

/** Where a result stands among the outputs of its node. */
function placeOf({ key }: Pick<Result, 'key'>): { readonly handle: string; readonly path: string } {
  const [, , handle = '', ...path] = key.split('/');
  return { handle, path: path.join('/') };
}

/**
 * The name of a file to save a result as, without a folder.
 *
 * @param sources of its node, by handle: a result that was made from one file that somebody put in is named after that
 */
export function fileNameOf(result: Result, sources: Readonly<Record<string, SourceName>> = {}): string {
  const { title, asset, kind, isGiven } = result;
  const extension = asset !== null ? (formatOf(asset.mimeType)?.extension ?? 'bin') : kind === 'text' ? 'txt' : 'json';
  const { handle, path } = placeOf(result);
  const held = sources[handle] ?? null;
  const source = Array.isArray(held) ? (held[Number(path) - 1] ?? null) : held;
  if (source === null) return `${safeName(title)}.${extension}`;
  const what = path === '' || !title.endsWith(` ${path}`) ? title : title.slice(0, -path.length - 1);
  return `${safeName(isGiven ? source : nameFrom(source, what))}.${extension}`;
}

/** Letters, digits and a few signs of a text, at most 80: what every system takes as the name of a file. */
export function safeName(text: string): string {
  return (
    text
      .replace(/[^\p{L}\p{N} ._-]+/gu, '_')
      .slice(0, 80)
      .trim() || 'output'
  );
}
