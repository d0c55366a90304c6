import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import type { NodeLook } from '../../core/node-type/definition.ts';

/** By type. What a server says of its node types is the same for everything on the page, so it is kept once. */
const looks = new Map<string, NodeLook>();

/** Keeps how the server's node types are drawn; sizes are reckoned with it from then on. */
export function keepLooks(types: readonly NodeTypeInfo[]): void {
  for (const { type, look = {} } of types) looks.set(type, look);
}

/** How nodes of a type are drawn; the standard look where the server has not told one. */
export function lookOf(type: string): NodeLook {
  return looks.get(type) ?? {};
}
