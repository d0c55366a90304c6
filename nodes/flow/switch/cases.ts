/** A case as it has been typed so far, valid or not. */
export type DraftCase = Readonly<Record<string, unknown>> & { readonly id: string };

/** The cases in a node's data, as far as they are any. */
export function draftCasesOf(data: Readonly<Record<string, unknown>>): readonly DraftCase[] {
  const { cases } = data;
  if (!Array.isArray(cases)) return [];
  return cases.filter(
    (one): one is DraftCase =>
      typeof one === 'object' && one !== null && typeof (one as { id?: unknown }).id === 'string',
  );
}

/** The cases with a new one at the end; its id is free. */
export function withNewCase(cases: readonly DraftCase[]): readonly DraftCase[] {
  const taken = new Set(cases.map(({ id }) => id));
  let number = cases.length + 1;
  while (taken.has(`case${number}`)) number += 1;
  return [...cases, { id: `case${number}`, label: '', operator: 'contains', operand: '' }];
}

/** The cases with one changed; a key whose value is undefined goes. Its id stays, and with it its edges. */
export function withChange(
  cases: readonly DraftCase[],
  id: string,
  change: Readonly<Record<string, unknown>>,
): readonly DraftCase[] {
  return cases.map((one) => {
    if (one.id !== id) return one;
    const entries = Object.entries({ ...one, ...change, id }).filter(([, value]) => value !== undefined);
    return Object.fromEntries(entries) as DraftCase;
  });
}

/** The cases with one a place further up; the first stays. The upper one is asked first. */
export function movedUp(cases: readonly DraftCase[], id: string): readonly DraftCase[] {
  const at = cases.findIndex((one) => one.id === id);
  if (at < 1) return cases;
  return cases.with(at - 1, cases[at]!).with(at, cases[at - 1]!);
}
