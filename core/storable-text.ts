/*
 * What Postgres can hold as text and in JSON: no U+0000, and each half of a
 * surrogate pair beside its other half. Providers, servers and files send both.
 * The first is dropped, as it shows nothing; a lone half becomes U+FFFD.
 */

const unstorable = /\0|\p{Surrogate}/u;

/**
 * The text as it can be stored, cut where it is longer than `maxCharacters`
 * (default: never) and then ending in words that say so.
 */
export function storableText(text: string, maxCharacters = Number.POSITIVE_INFINITY): string {
  const clean = unstorable.test(text) ? text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\uFFFD') : text;
  if (clean.length <= maxCharacters) return clean;
  const rest = ` … (cut: ${clean.length} characters)`;
  const kept = clean.slice(0, Math.max(0, maxCharacters - rest.length));
  // Not in the middle of a pair.
  return `${kept.replace(/[\uD800-\uDBFF]$/, '')}${rest}`;
}

/** The same for every text in a value of JSON, names of fields included. */
export function storable<Value>(value: Value): Value;
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map((item: unknown) => storable(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [storableText(name), storable(item)]));
}
