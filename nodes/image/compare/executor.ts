import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requireAssetInput } from '../../../core/node-type/inputs.ts';
import { compareImages } from '../../../media/operations/compare-images.ts';
import { compareImagesNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID where the sizes differ, and IMAGE_*. */
export const compareImagesExecutor = defineExecutor(compareImagesNode, async (context) => {
  const { config, assets, media, signal } = context;
  const before = await requireAssetInput(context, 'before', 'image');
  const after = await requireAssetInput(context, 'after', 'image');
  const output = join(assets.workDir, 'difference.png');
  const { box, changed, visible, ssim } = await media.run(compareImages, {
    input: await assets.localFile(before),
    output,
    other: await assets.localFile(after),
    mayFit: config.fit,
    signal,
  });
  return {
    output: await assets.save(output, { name: 'difference', kind: 'image' }),
    result: { changed, visible, ssim, box: box === null ? null : { ...box } },
  };
});
