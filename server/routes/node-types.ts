import { nodeTypeListSchema } from '../../core/api/node-types.ts';
import { describeNodeType } from '../../core/node-type/describe.ts';
import type { ServerDependencies } from './deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';

/** The node types with the JSON Schema of their data. */
export function nodeTypeRoutes({ catalogue }: ServerDependencies): AnyRoute[] {
  const items = [...catalogue.values()].map(describeNodeType);
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
