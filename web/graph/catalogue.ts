import { z } from 'zod';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import type { AnyNodeDefinition } from '../../core/node-type/definition.ts';
import type { DataType } from '../../core/node-type/values.ts';

/** What the canvas knows about node types, by `type`; drawn from the same shape that the server lists. */
export type Catalogue = ReadonlyMap<string, NodeTypeInfo>;

/** The plain description of a definition, as `GET /api/node-types` gives it. */
export function describeNodeType(definition: AnyNodeDefinition): NodeTypeInfo {
  const { type, version, title, description, category, icon, inputs, outputs, defaults } = definition;
  const schema = z.toJSONSchema(definition.configSchema, { io: 'input', unrepresentable: 'any' });
  return {
    type,
    version,
    title,
    description,
    category,
    icon,
    inputs: [...inputs],
    outputs: [...outputs],
    schema,
    defaults: { ...defaults },
  };
}

export function catalogueFrom(types: readonly NodeTypeInfo[]): Catalogue {
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
