import { expect, test } from '@jest/globals';
import type { FfmpegPart } from '../../core/node-type/ffmpeg-parts.ts';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { nodeTypeRoutes } from './node-types.ts';

async function listed(...missing: FfmpegPart[]): Promise<Map<string, string | undefined>> {
  const [route] = nodeTypeRoutes({
    catalogue: nodeCatalogue,
    lackingParts: async (parts) => parts.filter((part) => missing.includes(part)),
  });
  const { body } = (await route!.handler({} as never)) as unknown as { body: { items: NodeTypeInfo[] } };
  return new Map(body.items.map(({ type, lacks }) => [type, lacks]));
}

test('a node type says what the ffmpeg of this server cannot do for it, and no other says anything', async () => {
  const types = await listed('filter:ass', 'encoder:libwebp_anim');
  expect([...types.keys()]).toEqual([...nodeCatalogue.keys()]);
  expect([...types].filter(([, lacks]) => lacks !== undefined)).toEqual([
    ['subtitleVideo', 'The ffmpeg of this server cannot burn subtitles in: it lacks the filter ass.'],
    ['animate', 'The ffmpeg of this server cannot write WebP: it lacks the encoder libwebp_anim.'],
  ]);
  expect([...(await listed()).values()].every((lacks) => lacks === undefined)).toBe(true);
});
