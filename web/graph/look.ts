import type { NodeLook } from '../../core/node-type/definition.ts';
import { nodeCatalogue } from '../../nodes/definitions.ts';

/** How nodes of a type are drawn; the standard look where this app does not know the type. */
export function lookOf(type: string): NodeLook {
  return nodeCatalogue.get(type)?.look ?? {};
}
