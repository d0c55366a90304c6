import { z } from 'zod';
import { nodeTypeSchema, type NodeTypeInfo } from '../../core/api/node-types.ts';
import type { AnyNodeDefinition } from '../../core/node-type/definition.ts';
import type { ServerDependencies } from '../deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';

const nodeTypeListSchema = z.object({ items: z.array(nodeTypeSchema) }).meta({ id: 'NodeTypes' });

/** The node types with the JSON Schema of their data. */
export function nodeTypeRoutes({ catalogue }: ServerDependencies): AnyRoute[] {
  const items = [...catalogue.values()].map(describe);
  return [
    defineRoute({
      method: 'get',
      path: '/api/node-types',
      tag: 'Node types',
      summary: 'List the node types',
      auth: 'user',
      scope: 'read',
      responses: { 200: { description: 'In the order of the palette.', schema: nodeTypeListSchema } },
      handler: async () => ({ status: 200, body: { items } }),
    }),
  ];
}

function describe(definition: AnyNodeDefinition): NodeTypeInfo {
  const { type, version, title, description, category, icon, inputs, outputs, defaults } = definition;
  return {
    type,
    version,
    title,
    description,
    category,
    icon,
    inputs: inputs.map((handle) => ({ ...handle })),
    outputs: outputs.map((handle) => ({ ...handle })),
    schema: z.toJSONSchema(definition.configSchema, { io: 'input' }),
    defaults: { ...defaults },
  };
}
