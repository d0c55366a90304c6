import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requireAssetInput } from '../../../core/node-type/inputs.ts';
import { rotateImage } from '../../../media/operations/rotate-image.ts';
import { rotateImageNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, and IMAGE_* where the image cannot be processed. */
export const rotateImageExecutor = defineExecutor(rotateImageNode, async (context) => {
  const { config, assets, media, signal } = context;
  const image = await requireAssetInput(context, 'image', 'image');
  const output = join(assets.workDir, 'rotated');
  await media.run(rotateImage, {
    input: await assets.localFile(image),
    output,
    quarters: Number(config.turn) / 90,
    mirror: config.mirror,
    degrees: config.degrees,
    corners: config.corners === 'cut' ? 'cut' : config.background,
    signal,
  });
  return { output: await assets.save(output, { name: 'rotated', kind: 'image' }) };
});
