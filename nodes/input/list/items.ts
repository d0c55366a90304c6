import { isFileType, rowOf, type ElementType } from '../../../core/data-types/table.ts';
import type { JsonValue } from '../../../core/node-type/values.ts';

/** An item as its type has it, or what is wrong with it in words. */
export type ReadItem = { readonly value: JsonValue } | { readonly message: string };

const yes = ['true', 'yes'];
const no = ['false', 'no'];

/**
 * Reads an item that was typed as a line, or given as a value. Of files the value is an address; whether it leads to such
 * a file shows in a run.
 */
export function readItem(type: ElementType, item: JsonValue): ReadItem {
  if (isFileType(type)) {
    return typeof item === 'string' && item.trim() !== ''
      ? { value: item.trim() }
      : { message: `There is no ${rowOf(type).noun} here. Upload a file, enter a URL, or remove the item.` };
  }
  switch (type) {
    case 'text':
      return { value: typeof item === 'object' && item !== null ? JSON.stringify(item) : String(item ?? '') };
    case 'number':
      return readNumber(item);
    case 'boolean':
      return readBoolean(item);
    case 'json':
    case 'any':
      return { value: readJson(item) };
  }
}

function readNumber(item: JsonValue): ReadItem {
  const number = typeof item === 'string' && item.trim() !== '' ? Number(item) : item;
  if (typeof number === 'number' && Number.isFinite(number)) return { value: number };
  return { message: `${JSON.stringify(item)} is not a number. Enter one such as 12 or -0.5.` };
}

function readBoolean(item: JsonValue): ReadItem {
  const word = String(item).trim().toLowerCase();
  if (yes.includes(word)) return { value: true };
  if (no.includes(word)) return { value: false };
  return { message: `${JSON.stringify(item)} is neither yes nor no. Enter yes or no.` };
}

/** A line is JSON where it can be read as such, else a text. */
function readJson(item: JsonValue): JsonValue {
  if (typeof item !== 'string') return item;
  try {
    return JSON.parse(item) as JsonValue;
  } catch {
    return item;
  }
}
