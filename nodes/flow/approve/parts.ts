/** A button or field as it has been typed so far, valid or not. */
export type DraftPart = Readonly<Record<string, unknown>>;

/** The parts in a list of a node's data, as far as they are any. */
export function draftPartsOf(
  data: Readonly<Record<string, unknown>>,
  list: 'buttons' | 'fields',
): readonly DraftPart[] {
  const parts = data[list];
  if (!Array.isArray(parts)) return [];
  return parts.filter((part): part is DraftPart => typeof part === 'object' && part !== null);
}

/** The text under a name of a part; empty where it is none. */
export function textOf(part: DraftPart, name: string): string {
  return typeof part[name] === 'string' ? part[name] : '';
}

/** The buttons with a new one at the end; its id is free. */
export function withNewButton(buttons: readonly DraftPart[]): readonly DraftPart[] {
  const id = freeName(buttons, 'id', 'button');
  return [...buttons, { id, label: '' }];
}

/** The fields with a new one at the end; its name is free. */
export function withNewField(fields: readonly DraftPart[]): readonly DraftPart[] {
  return [...fields, { name: freeName(fields, 'name', 'field'), type: 'text' }];
}

/** The list with the part at a place changed; a key whose value is undefined goes. */
export function withChangeAt(
  parts: readonly DraftPart[],
  place: number,
  change: Readonly<Record<string, unknown>>,
): readonly DraftPart[] {
  return parts.map((part, index) =>
    index === place
      ? Object.fromEntries(Object.entries({ ...part, ...change }).filter(([, value]) => value !== undefined))
      : part,
  );
}

function freeName(parts: readonly DraftPart[], key: string, stem: string): string {
  const taken = new Set(parts.map((part) => part[key]));
  let number = parts.length + 1;
  while (taken.has(`${stem}${number}`)) number += 1;
  return `${stem}${number}`;
}
