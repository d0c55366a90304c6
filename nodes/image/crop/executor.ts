import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requireAssetInput } from '../../../core/node-type/inputs.ts';
import { cropImage } from '../../../media/operations/crop-image.ts';
import { cropImageNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, CROP_BOX_INVALID, and IMAGE_* where the image cannot be processed. */
export const cropImageExecutor = defineExecutor(cropImageNode, async (context) => {
  const { config, assets, media, signal } = context;
  const image = await requireAssetInput(context, 'image_url', 'image');
  const output = join(assets.workDir, 'cropped');
  const box = {
    x: config.x_percent,
    y: config.y_percent,
    width: config.width_percent,
    height: config.height_percent,
  };
  await media.run(cropImage, { input: await assets.localFile(image), output, box, signal });
  return { output: await assets.save(output, { name: 'cropped', kind: 'image' }) };
});
