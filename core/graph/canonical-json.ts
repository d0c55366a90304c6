/**
 * JSON with sorted keys, so that equal values give equal text whatever order
 * their keys were written in. Undefined members are left out, as in JSON.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) {
    let items = '';
    for (const item of value) items += items === '' ? canonicalJson(item) : `,${canonicalJson(item)}`;
    return `[${items}]`;
  }
  const source = value as Readonly<Record<string, unknown>>;
  let members = '';
  // By code units, which is what sort() does and every reader of the text can repeat.
  for (const key of Object.keys(source).toSorted()) {
    const member = source[key];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}
