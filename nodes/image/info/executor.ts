import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requireAssetInput } from '../../../core/node-type/inputs.ts';
import type { JsonValue } from '../../../core/node-type/values.ts';
import { readImageInfo } from '../../../media/operations/image-info.ts';
import { imageInfoNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, and IMAGE_* where the image cannot be read. */
export const imageInfoExecutor = defineExecutor(imageInfoNode, async (context) => {
  const { config, assets, media, signal } = context;
  const image = await requireAssetInput(context, 'image', 'image');
  const input = await assets.localFile(image);
  const { maxColors } = config;
  const facts = await media.run(readImageInfo, { input, output: join(assets.workDir, 'facts'), maxColors, signal });
  return { output: { ...facts, bytes: image.bytes } as unknown as JsonValue };
});
