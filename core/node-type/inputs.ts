import { rowOf, type DataType, type FileType } from '../data-types/table.ts';
import { TerminalError } from '../errors/app-error.ts';
import type { ExecutionContext } from './executor.ts';
import { dataTypeOf, type AssetReference, type NodeInputs, type OutputValue } from './values.ts';

/** A file as it arrived: already an asset, or an address that `AttemptAssets.resolve` takes. */
export type AssetSource = AssetReference | string;

const addressPattern = /^(?:https?:\/\/|data:|\/api\/assets\/)/i;

/**
 * The text on an input handle, or undefined where nothing is connected.
 * Throws TYPE_MISMATCH where the value is something else than text.
 */
export function textInput(inputs: NodeInputs, handle: string): string | undefined {
  const value = valueOf(inputs, handle);
  if (value === undefined || typeof value === 'string') return value;
  throw mismatch(handle, 'text', value);
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
  return [value].flat(2).map((item) => assetSourceOf(item, handle, kind));
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
  const actual = describe(value);
  const { named } = rowOf(expected);
  const advice = `a node that outputs ${named}${rowOf(expected).file === null ? '' : ', or its URL'}`;
  return new TerminalError(
    'TYPE_MISMATCH',
    `The input "${handle}" takes ${named} but got ${actual}. Connect ${advice}.`,
    { details: { handle, expected, actual } },
  );
}

function describe(value: OutputValue | OutputValue[]): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length} values`;
  const type = dataTypeOf(value);
  if (type === 'text') return 'text that is not a URL';
  if (type !== null) return rowOf(type).named;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
