import { nodeTypeListSchema } from '../../core/api/node-types.ts';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { wordsOfLack } from '../../core/node-type/ffmpeg-parts.ts';
import type { ServerDependencies } from './deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';

/** The node types with the JSON Schema of their data. */
export function nodeTypeRoutes({
  catalogue,
  lackingParts,
}: Pick<ServerDependencies, 'catalogue' | 'lackingParts'>): AnyRoute[] {
  const types = [...catalogue.values()].map((definition) => ({
    info: describeNodeType(definition),
    needs: definition.needs ?? [],
  }));
  const needed = [...new Set(types.flatMap(({ needs }) => needs.map(({ part }) => part)))];
  return [
    defineRoute({
      method: 'get',
      path: '/api/node-types',
      tag: 'Node types',
      summary: 'List the node types',
      auth: 'user',
      scope: 'read',
      place: 'installation',
      responses: { 200: { description: 'In the order of the palette.', schema: nodeTypeListSchema } },
      handler: async () => {
        const lacking = new Set(await lackingParts(needed));
        const items = types.map(({ info, needs }) => {
          const lacks = wordsOfLack(needs, lacking);
          return lacks === null ? info : { ...info, lacks };
        });
        return { status: 200, body: { items } };
      },
    }),
  ];
}
