import { fileTypeOf } from '../../core/data-types/files.ts';
import { isAssetReference, isStoredList, type AssetReference } from '../../core/node-type/values.ts';

/** A part of a value that is shown by itself, and the way to it from the outside: `2.1`, `photos.3`. */
export interface ValuePart {
  readonly path: string;
  readonly value: unknown;
}

/** Whether a value is a reference to a file of a type that a viewer exists for. */
export function isMedia(value: unknown): value is AssetReference {
  // A look at one key spares most values the whole check: a list may hold thousands.
  return (
    typeof value === 'object' &&
    value !== null &&
    'assetId' in value &&
    isAssetReference(value) &&
    fileTypeOf(value.mimeType) !== null
  );
}

interface Parts {
  readonly parts: readonly ValuePart[];
  readonly kind: 'media' | 'text' | 'data';
}

/**
 * A value taken apart into what can be read: files wherever they lie in it, the texts of a list, however
 * deep. Everything else stays in one piece, as data. A value that is not taken apart is its only part, with an empty path.
 * Of a list that lies in a file its first elements stand for all.
 */
export function partsOf(value: unknown): readonly ValuePart[] {
  return takeApart(value, '').parts;
}

function takeApart(value: unknown, path: string): Parts {
  if (isStoredList(value)) return takeApart(value.preview, path);
  const whole = [{ path, value }];
  if (typeof value === 'string') return { parts: whole, kind: 'text' };
  if (isMedia(value)) return { parts: whole, kind: 'media' };
  if (typeof value !== 'object' || value === null) return { parts: whole, kind: 'data' };
  const isList = Array.isArray(value);
  const entries: [string, unknown][] = isList
    ? value.map((item, index) => [String(index + 1), item])
    : Object.entries(value);
  const inner = entries.map(([name, item]) => takeApart(item, path === '' ? name : `${path}.${name}`));
  const parts = inner.flatMap((child) => child.parts);
  if (inner.some(({ kind }) => kind === 'media')) return { parts, kind: 'media' };
  if (isList && inner.length > 0 && inner.every(({ kind }) => kind === 'text')) return { parts, kind: 'text' };
  return { parts: whole, kind: 'data' };
}

/**
 * The elements of a list of two and more that are all files, or all texts, numbers and the like; what is missing in its
 * place is null. Null for anything else.
 */
export function evenListOf(value: unknown): readonly unknown[] | null {
  if (!Array.isArray(value) || value.length < 2) return null;
  const there = value.filter((item) => item !== null);
  const isEven = there.every(isMedia) || there.every((item) => typeof item !== 'object');
  return isEven && there.length > 0 ? (value as unknown[]) : null;
}
