import type { GraphFinding } from './findings.ts';

/* What packing and unpacking a selection share. */

/** The wanted name where it is free, else with a number behind it; it is taken from then on. */
export function freeName(wanted: string, taken: Set<string>, separator: '-' | '_' = '-'): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}${separator}${number}`;
  taken.add(name);
  return name;
}

/** Why a selection cannot be packed, or a call not be unpacked. */
export function selectionFinding(message: string, nodeIds: readonly string[]): GraphFinding {
  return { code: 'SELECTION_INVALID', message, nodeIds };
}
