import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import type { NodeLook } from '../../core/node-type/definition.ts';

/** By type. What a server says of its node types is the same for everything on the page, so it is kept once. */
const kept = new Map<string, NodeTypeInfo>();

/** Keeps what the server says of its node types; sizes are reckoned with it from then on. */
export function keepTypes(types: readonly NodeTypeInfo[]): void {
  for (const info of types) kept.set(info.type, info);
}

/** How nodes of a type are drawn; the standard look where the server has not told one. */
export function lookOf(type: string): NodeLook {
  return kept.get(type)?.look ?? {};
}

/** What the server has told of its node types, by type. */
export const keptTypes: ReadonlyMap<string, NodeTypeInfo> = kept;
