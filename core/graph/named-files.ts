const anyId = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const address = /\/api\/assets\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/content/g;

/** Whatever in a text may be the id of a file, each once: nodes keep them in fields of many names. */
export function idsIn(text: string): readonly string[] {
  return [...new Set(text.match(anyId) ?? [])];
}

/** Ids of the files whose addresses stand in a text, each once. */
export function addressedFiles(text: string): readonly string[] {
  return [...new Set(Array.from(text.matchAll(address), ([, id]) => id!))];
}

/** A value of JSON with other ids in the place of those that `files` has. */
export function withFileIds<Value>(value: Value, files: ReadonlyMap<string, string>): Value {
  if (files.size === 0) return value;
  return JSON.parse(JSON.stringify(value).replaceAll(anyId, (id) => files.get(id) ?? id)) as Value;
}
