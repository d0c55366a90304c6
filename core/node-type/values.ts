import { z } from 'zod';
import { fileTypeOf } from '../data-types/files.ts';
import { partsOf, rowOf, type DataType, type ElementType } from '../data-types/table.ts';

/**
 * How a file looks at run time: a reference to content-addressed
 * bytes. The bytes themselves never sit in a job, a row or an event.
 */
export const assetReferenceSchema = z.object({
  assetId: z.uuid(),
  /** Path on this server: `/api/assets/<id>/content`. */
  url: z.string(),
  /** As found by looking at the content, not as claimed by a name. */
  mimeType: z.string(),
  bytes: z.number().int().nonnegative(),
  /** Lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Pixels of the upright image (EXIF orientation or video rotation applied). */
  width: z.number().int().positive().optional(),
  height: z.number().int().positive().optional(),
  /** Of videos and audio files. */
  durationMs: z.number().nonnegative().optional(),
  /** Of audio files. */
  channels: z.number().int().positive().optional(),
  /** Of audio files: samples a second of one channel. */
  sampleRate: z.number().int().positive().optional(),
});
export type AssetReference = z.infer<typeof assetReferenceSchema>;

/** Whatever JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** One value on an output handle: text is a string, files are asset references. */
export type OutputValue = JsonValue | AssetReference;

/** The content type of a list that lies in a file: the JSON of one element on each line. No upload has it. */
export const storedListType = 'application/jsonl';

/** What stands for a list that is too large for a row, in rows, events and answers: its file, and how it begins. */
const storedListSchema = assetReferenceSchema.extend({
  mimeType: z.literal(storedListType),
  /** How many elements it has. */
  length: z.number().int().nonnegative(),
  /** The first ones, at most 20, and fewer where they are large. */
  preview: z.array(z.json()),
});
export type StoredList = z.infer<typeof storedListSchema>;

/** One key per output handle. */
export type NodeOutputs = Readonly<Record<string, OutputValue>>;

/** One key per connected input handle; a `many` handle holds an array in edge order. */
export type NodeInputs = Readonly<Record<string, OutputValue | OutputValue[]>>;

/** Checks the shape only, not whether the asset exists. */
export function isAssetReference(value: unknown): value is AssetReference {
  return assetReferenceSchema.safeParse(value).success;
}

/** Whether a value stands for a list that lies in a file. Checks the shape only. */
export function isStoredList(value: unknown): value is StoredList {
  // A look at one member spares most values the whole check: a list may hold thousands.
  const isMeant =
    typeof value === 'object' && value !== null && 'mimeType' in value && value.mimeType === storedListType;
  return isMeant && storedListSchema.safeParse(value).success;
}

/** Ids of the lists in files that a value consists of: itself, or elements of it. What lies in such a file has none. */
export function storedListsIn(value: OutputValue): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(storedListsIn);
  return isStoredList(value) ? [value.assetId] : [];
}

/** Ids of the assets that a value refers to, at any depth; of a list that lies in a file, that and those of its first elements. */
export function assetsIn(value: OutputValue): readonly string[] {
  if (isStoredList(value)) return [value.assetId, ...value.preview.flatMap(assetsIn)];
  if (isAssetReference(value)) return [value.assetId];
  if (Array.isArray(value)) return value.flatMap(assetsIn);
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(assetsIn);
  return [];
}

/** The data type of a value that arrived at run time, or null where it is none of the typed ones: nothing, or a list of files. */
export function dataTypeOf(value: OutputValue): Exclude<ElementType, 'any'> | null {
  if (value === null) return null;
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (isAssetReference(value)) return fileTypeOf(value.mimeType);
  // Files within a list or an object are no data that could be written down.
  return assetsIn(value).length === 0 ? 'json' : null;
}

/**
 * Whether a value is of a data type as it is: a list is an array whose elements are all of its type. Anything is `any`;
 * everything that JSON can hold, files apart, is `json`.
 */
export function fitsType(value: OutputValue, type: DataType): boolean {
  const { element, depth } = partsOf(type);
  return fitsDeep(value, element, depth);
}

function fitsDeep(value: OutputValue, element: ElementType, depth: number): boolean {
  if (depth > 0) return Array.isArray(value) && value.every((item) => fitsDeep(item, element, depth - 1));
  if (element === 'any') return true;
  if (element === 'json') return assetsIn(value).length === 0;
  return dataTypeOf(value) === element;
}

/**
 * Whether an output of type `from` may be wired to an input of type `to`. A list fits where its elements do, be it that
 * the node takes it whole or is executed once per element; a single value counts as a list of one.
 */
export function isConnectable(from: DataType, to: DataType): boolean {
  const [{ element: given }, { element: taken }] = [partsOf(from), partsOf(to)];
  const { takes } = rowOf(taken);
  return given === taken || takes === 'all' || takes.includes(given);
}
