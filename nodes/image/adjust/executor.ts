import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requireAssetInput } from '../../../core/node-type/inputs.ts';
import { adjustImage } from '../../../media/operations/adjust-image.ts';
import { adjustImageNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, and IMAGE_* where the image cannot be processed. */
export const adjustImageExecutor = defineExecutor(adjustImageNode, async (context) => {
  const { config, assets, media, signal } = context;
  const image = await requireAssetInput(context, 'image', 'image');
  const output = join(assets.workDir, 'adjusted');
  const { brightness, contrast, saturation, hue, blur, sharpen } = config;
  await media.run(adjustImage, {
    input: await assets.localFile(image),
    output,
    ...{ brightness, contrast, saturation, hue, blur, sharpen },
    isGray: config.grayscale,
    tint: config.tinted ? config.tint : null,
    signal,
  });
  return { output: await assets.save(output, { name: 'adjusted', kind: 'image' }) };
});
