import { z } from 'zod';
import type { NodeTypeInfo } from '../api/node-types.ts';
import type { AnyNodeDefinition } from './definition.ts';

/** A definition as plain data, with the JSON Schema of its config: all that a node and its form are drawn from. */
export function describeNodeType(definition: AnyNodeDefinition): NodeTypeInfo {
  const { type, version, title, description, category, keywords, icon, inputs, outputs, defaults, look, loop, value } =
    definition;
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
    schema: formSchemaOf(definition),
    defaults: { ...defaults },
    ...(look !== undefined && { look }),
    ...(loop !== undefined && { loop }),
    ...(value !== undefined && { value }),
  };
}

/** Without the mark as an input of the workflow, which has a form of its own. */
function formSchemaOf({ configSchema, value }: AnyNodeDefinition): Record<string, unknown> {
  const schema: Record<string, unknown> = z.toJSONSchema(configSchema, { io: 'input' });
  if (value === undefined) return schema;
  const { input: _mark, ...properties } = { ...(schema['properties'] as Record<string, unknown> | undefined) };
  return { ...schema, properties };
}
