import { z } from 'zod';
import type { NodeTypeInfo } from '../api/node-types.ts';
import type { AnyNodeDefinition } from './definition.ts';

/** A definition as plain data, with the JSON Schema of its config: all that a node and its form are drawn from. */
export function describeNodeType(definition: AnyNodeDefinition): NodeTypeInfo {
  const { type, version, title, description, category, keywords, icon, inputs, outputs, defaults, look } = definition;
  return {
    type,
    version,
    title,
    description,
    category,
    ...(keywords !== undefined && { keywords: [...keywords] }),
    icon,
    inputs: inputs.map((handle) => ({ ...handle })),
    outputs: outputs.map((handle) => ({ ...handle })),
    schema: z.toJSONSchema(definition.configSchema, { io: 'input' }),
    defaults: { ...defaults },
    ...(look !== undefined && { look }),
  };
}
