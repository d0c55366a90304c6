import { rowOf, type DataType, type FileType } from '../data-types/table.ts';
import { TerminalError } from '../errors/app-error.ts';
import type { ExecutionContext } from './executor.ts';
import { dataTypeOf, type AssetReference, type JsonValue, type NodeInputs, type OutputValue } from './values.ts';

/** A file as it arrived: already an asset, or an address that `AttemptAssets.resolve` takes. */
export type AssetSource = AssetReference | string;

const addressPattern = /^(?:https?:\/\/|data:|\/api\/assets\/)/i;

/**
 * The text on an input handle, or undefined where nothing is connected. Numbers, yes or no, and JSON data are written
 * down as text. Throws TYPE_MISMATCH for files and for nothing at all (null).
 */
export function textInput(inputs: NodeInputs, handle: string): string | undefined {
  const value = valueOf(inputs, handle);
  if (value === undefined || typeof value === 'string') return value;
  const type = dataTypeOf(value);
  if (type === 'number' || type === 'boolean') return String(value);
  if (type === 'json') return JSON.stringify(value, null, 2);
  throw mismatch(handle, 'text', value);
}

/**
 * All texts on a `many` handle in edge order, empty where nothing is connected; a list counts with each item in turn.
 * Written down as textInput does. Throws as it does.
 */
export function textInputs(inputs: NodeInputs, handle: string): string[] {
  const value = valueOf(inputs, handle);
  if (value === undefined) return [];
  return itemsOf(value).map((item) => textInput({ [handle]: item }, handle)!);
}

/**
 * The number on an input handle, or undefined where nothing is connected. Text counts where it is a number and nothing
 * else, as in `12` or `-0.5`. Throws TYPE_MISMATCH for anything else.
 */
export function numberInput(inputs: NodeInputs, handle: string): number | undefined {
  const value = valueOf(inputs, handle);
  if (value === undefined || typeof value === 'number') return value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw mismatch(handle, 'number', value);
}

/**
 * The JSON data on an input handle, or undefined where nothing is connected. Text is parsed: what models and files give
 * arrives as text, perhaps in a fenced block. Throws TYPE_MISMATCH for files and for text that is no JSON.
 */
export function jsonInput(inputs: NodeInputs, handle: string): JsonValue | undefined {
  const value = valueOf(inputs, handle);
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    if (value !== null && dataTypeOf(value) !== 'json' && typeof value === 'object')
      throw mismatch(handle, 'json', value);
    return value as JsonValue;
  }
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/i.exec(value)?.[1];
  try {
    return JSON.parse(fenced ?? value) as JsonValue;
  } catch (cause) {
    throw new TerminalError(
      'TYPE_MISMATCH',
      `The input "${handle}" takes JSON but got text that is not JSON (${(cause as Error).message}). Connect a node that outputs JSON.`,
      { details: { handle, expected: 'json', actual: 'text that is not JSON' }, cause },
    );
  }
}

/**
 * The elements of the list on an input handle, or undefined where nothing is connected; a single value is a list of one.
 * What is missing in its place, since it failed, is null.
 */
export function listInput(inputs: NodeInputs, handle: string): readonly OutputValue[] | undefined {
  const value = valueOf(inputs, handle);
  return value === undefined ? undefined : Array.isArray(value) ? value : [value];
}

/**
 * All elements on a `many` handle in edge order, empty where nothing is connected: those of each list in turn, and single
 * values. Elements that are missing in their place are left out.
 */
export function elementInputs(inputs: NodeInputs, handle: string): readonly OutputValue[] {
  const value = valueOf(inputs, handle);
  return value === undefined ? [] : [value].flat(2).filter((element) => element !== null);
}

/**
 * The file on an input handle that takes one edge, or undefined
 * where nothing is connected. Text counts when it is an http(s) URL, a data
 * URL or an asset's path; anything else throws TYPE_MISMATCH.
 */
export function assetInput(inputs: NodeInputs, handle: string, kind: FileType): AssetSource | undefined {
  const value = valueOf(inputs, handle);
  return value === undefined ? undefined : assetSourceOf(value, handle, kind);
}

/**
 * All files on a `many` handle in edge order, empty where nothing
 * is connected. An edge that itself carries a list (a delay with several
 * inputs) counts with each item in turn. Throws as assetInput does.
 */
export function assetInputs(inputs: NodeInputs, handle: string, kind: FileType): AssetSource[] {
  const value = valueOf(inputs, handle);
  if (value === undefined) return [];
  return itemsOf(value).map((item) => assetSourceOf(item, handle, kind));
}

/** Values one by one, those of lists in turn. An element of a list that is missing in its place is left out. */
function itemsOf(value: OutputValue | OutputValue[]): OutputValue[] {
  const values = Array.isArray(value) ? value : [value];
  return values.flatMap((item) => (Array.isArray(item) ? item.filter((element) => element !== null) : [item]));
}

type ResolvingContext = Pick<ExecutionContext<unknown>, 'inputs' | 'assets' | 'signal'>;

/** As assetInput, with an address turned into an asset. */
export async function resolveAssetInput(
  context: ResolvingContext,
  handle: string,
  kind: FileType,
): Promise<AssetReference | undefined> {
  const source = assetInput(context.inputs, handle, kind);
  return typeof source === 'string' ? context.assets.resolve(source, { kind, signal: context.signal }) : source;
}

/** As resolveAssetInput, for an input that is needed: throws INPUT_MISSING where nothing is connected. */
export async function requireAssetInput(
  context: ResolvingContext,
  handle: string,
  kind: FileType,
): Promise<AssetReference> {
  const asset = await resolveAssetInput(context, handle, kind);
  if (asset !== undefined) return asset;
  const { named } = rowOf(kind);
  throw new TerminalError('INPUT_MISSING', `Nothing is connected to the input "${handle}". Connect ${named}.`, {
    details: { handle },
  });
}

/** As assetInputs, with each address turned into an asset, one after the other. */
export async function resolveAssetInputs(
  context: ResolvingContext,
  handle: string,
  kind: FileType,
): Promise<AssetReference[]> {
  const assets: AssetReference[] = [];
  for (const source of assetInputs(context.inputs, handle, kind)) {
    assets.push(
      typeof source === 'string' ? await context.assets.resolve(source, { kind, signal: context.signal }) : source,
    );
  }
  return assets;
}

function valueOf(inputs: NodeInputs, handle: string): OutputValue | OutputValue[] | undefined {
  return Object.hasOwn(inputs, handle) ? inputs[handle] : undefined;
}

function assetSourceOf(value: OutputValue, handle: string, kind: FileType): AssetSource {
  if (typeof value === 'string') {
    const address = value.trim();
    if (addressPattern.test(address)) return address;
    throw mismatch(handle, kind, value);
  }
  if (dataTypeOf(value) === kind) return value as AssetReference;
  throw mismatch(handle, kind, value);
}

function mismatch(handle: string, expected: DataType, value: OutputValue | OutputValue[]): TerminalError {
  const actual = describe(value, expected);
  const { named } = rowOf(expected);
  const advice = `a node that outputs ${named}${rowOf(expected).file === null ? '' : ', or its URL'}`;
  return new TerminalError(
    'TYPE_MISMATCH',
    `The input "${handle}" takes ${named} but got ${actual}. Connect ${advice}.`,
    { details: { handle, expected, actual } },
  );
}

function describe(value: OutputValue | OutputValue[], expected: DataType): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length} values`;
  const type = dataTypeOf(value);
  if (type === 'text')
    return rowOf(expected).file === null ? `text that is not ${rowOf(expected).named}` : 'text that is not a URL';
  return type === null ? 'an object' : rowOf(type).named;
}
