import { assetIdOf, assetUrl } from '../api/assets.ts';
import { fileTypeOf, typeOfDataUrl } from '../data-types/files.ts';
import { isFileType, isListType, partsOf, rowOf } from '../data-types/table.ts';
import { jsonMismatch } from './json-rules.ts';
import type { WorkflowInput } from './inputs.ts';

/** As the field for an address takes it; data URLs may be as long as a body. */
const maxAddressLength = 4_096;

const assetIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

type Typed = Pick<WorkflowInput, 'dataType' | 'settings' | 'options'>;

/** What is wrong with a value for an input, with what to give instead; null where it fits. Nothing is converted. */
export function wrongValue(input: Typed, value: unknown): string | null {
  const { dataType, settings, options } = input;
  if (isListType(dataType)) return wrongList(input, value);
  if (isFileType(dataType)) return wrongFile(input, value);
  switch (dataType) {
    case 'text':
      return wrongText(value, settings.maxLength, options);
    case 'number':
      return wrongNumber(value, settings);
    case 'boolean':
      return typeof value === 'boolean' ? null : `Give true or false, not ${nameOfType(value)}.`;
    case 'json':
    case 'any': {
      const wrong = settings.schema === undefined ? null : jsonMismatch(settings.schema, value);
      return wrong === null ? null : `Give what its schema allows: ${wrong}.`;
    }
  }
}

/** Settings of a list are about each of its elements. */
function wrongList(input: Typed, value: unknown): string | null {
  const { element } = partsOf(input.dataType);
  if (!Array.isArray(value)) return `Give ${rowOf(input.dataType).named}, not ${nameOfType(value)}.`;
  for (const [index, item] of value.entries()) {
    const wrong = wrongValue({ ...input, dataType: element }, item);
    if (wrong !== null) return `Element ${index + 1} of the list: ${wrong}`;
  }
  return null;
}

function wrongText(value: unknown, maxLength: number | undefined, options: readonly string[] | null): string | null {
  if (typeof value !== 'string') return `Give text, not ${nameOfType(value)}.`;
  if (options !== null && !options.includes(value)) {
    return `Give one of: ${options.map((option) => JSON.stringify(option)).join(', ')}.`;
  }
  if (maxLength === undefined || value.length <= maxLength) return null;
  return `Give at most ${maxLength} characters; these are ${value.length}.`;
}

function wrongNumber(value: unknown, { min, max, integer }: Typed['settings']): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return `Give a number, not ${nameOfType(value)}.`;
  if (integer === true && !Number.isInteger(value)) return `Give a whole number, not ${value}.`;
  if (min !== undefined && value < min) return `Give at least ${min}, not ${value}.`;
  return max !== undefined && value > max ? `Give at most ${max}, not ${value}.` : null;
}

function wrongFile({ dataType }: Typed, value: unknown): string | null {
  const { noun } = rowOf(dataType);
  const advice = `Give the id of an uploaded file or an address (http, https or data) of one ${noun}`;
  if (typeof value !== 'string') return `${advice}, not ${nameOfType(value)}.`;
  if (fileAssetId(value) !== null) return null;
  if (/^data:/i.test(value)) {
    return typeOfDataUrl(value) === dataType ? null : `${advice}; this data is of another type.`;
  }
  if (!/^https?:\/\/./i.test(value)) return `${advice}, not ${JSON.stringify(value.slice(0, 100))}.`;
  return value.length <= maxAddressLength ? null : `${advice} of at most ${maxAddressLength} characters.`;
}

/** The asset that a value of a file input means, given by its id or its path; null for an address elsewhere. */
export function fileAssetId(value: string): string | null {
  const path = assetIdOf(value);
  return path ?? (assetIdPattern.test(value) ? value : null);
}

/**
 * What is wrong with an uploaded file for an input, with what to give instead; null where it fits. `facts`: null where the
 * user has no such file.
 */
export function wrongAsset(
  { dataType, settings }: Typed,
  facts: { readonly mimeType: string; readonly bytes: number } | null,
): string | null {
  const { element } = partsOf(dataType);
  const { noun, named } = rowOf(element);
  if (facts === null) return `You have no file with this id. Upload one, or give the id of another ${noun}.`;
  if (fileTypeOf(facts.mimeType) !== element) return `The file is ${facts.mimeType}. Give one that is ${named}.`;
  return wrongFormat(settings, facts);
}

/** What is wrong with the format or the size of a file by the settings of its input; null where nothing is. */
export function wrongFormat(
  { formats, maxBytes }: Pick<Typed['settings'], 'formats' | 'maxBytes'>,
  { mimeType, bytes }: { readonly mimeType: string; readonly bytes: number },
): string | null {
  if (formats !== undefined && !formats.includes(mimeType))
    return `The file is ${mimeType}. Give one of: ${formats.join(', ')}.`;
  if (maxBytes === undefined || bytes <= maxBytes) return null;
  return `The file has ${bytes} bytes. Give one of at most ${maxBytes}.`;
}

/** The uploaded files that a value for an input means. */
export function assetsGiven({ dataType }: Pick<WorkflowInput, 'dataType'>, value: unknown): readonly string[] {
  if (rowOf(partsOf(dataType).element).file === null) return [];
  return [value].flat().flatMap((item) => fileAssetId(String(item)) ?? []);
}

/** The `data` of a node with another value in it. */
export function withValue(
  { held, dataType }: Pick<WorkflowInput, 'held' | 'dataType'>,
  data: Readonly<Record<string, unknown>>,
  value: unknown,
): Record<string, unknown> {
  if (Array.isArray(value) && rowOf(partsOf(dataType).element).file !== null) {
    return { ...data, [held.field]: value.map((item) => addressGiven(String(item))) };
  }
  if (held.fileField === undefined) return { ...data, [held.field]: value };
  const { [held.fileField]: _file, [held.field]: _address, ...rest } = data;
  const assetId = fileAssetId(String(value));
  return assetId === null
    ? { ...rest, [held.field]: value }
    : { ...rest, [held.fileField]: { url: assetUrl(assetId), name: '', type: '' } };
}

function addressGiven(value: string): string {
  const assetId = fileAssetId(value);
  return assetId === null ? value : assetUrl(assetId);
}

function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'true or false' : `a ${typeof value}`;
}
