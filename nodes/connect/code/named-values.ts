/** A named value as it has been typed so far, valid or not. */
export type DraftValue = Readonly<Record<string, unknown>> & { readonly id: string };

/** The named values in a field of a node's data, as far as they are any. */
export function draftValuesOf(field: unknown): readonly DraftValue[] {
  if (!Array.isArray(field)) return [];
  return field.filter(
    (one): one is DraftValue =>
      typeof one === 'object' && one !== null && typeof (one as { id?: unknown }).id === 'string',
  );
}

/** The values with a new one at the end, with a free id and the same free name. */
export function withNewValue(
  values: readonly DraftValue[],
  stem: string,
  rest: Readonly<Record<string, unknown>>,
): readonly DraftValue[] {
  const taken = new Set(values.flatMap(({ id, name }) => [id, String(name)]));
  let number = values.length + 1;
  while (taken.has(`${stem}${number}`)) number += 1;
  return [...values, { id: `${stem}${number}`, name: `${stem}${number}`, ...rest }];
}

/** The values with one changed. Its id stays, and with it its edges. */
export function withChangedValue(
  values: readonly DraftValue[],
  id: string,
  change: Readonly<Record<string, unknown>>,
): readonly DraftValue[] {
  return values.map((one) => (one.id === id ? { ...one, ...change, id } : one));
}
