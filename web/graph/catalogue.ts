import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import type { DataType } from '../../core/data-types/table.ts';
import { keepLooks } from './look.ts';

/** What the canvas knows about node types, by `type`; drawn from the same shape that the server lists. */
export type Catalogue = ReadonlyMap<string, NodeTypeInfo>;

/** Keyed by `type`. How they are drawn is known to `lookOf` afterwards. */
export function catalogueFrom(types: readonly NodeTypeInfo[]): Catalogue {
  keepLooks(types);
  return new Map(types.map((info) => [info.type, info]));
}

/** The data type of a handle; null where the node type or the handle is not known. */
export function handleType(
  catalogue: Catalogue,
  type: string | undefined,
  side: 'inputs' | 'outputs',
  handleId: string | null | undefined,
): DataType | null {
  const handles = catalogue.get(type ?? '')?.[side] ?? [];
  if (handleId === null || handleId === undefined) return handles.length === 1 ? handles[0]!.dataType : null;
  return handles.find((handle) => handle.id === handleId)?.dataType ?? null;
}
