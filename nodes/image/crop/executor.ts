import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { resolveAssetInput } from '../../../core/node-type/inputs.ts';
import { cropImage } from '../../../media/operations/crop-image.ts';
import { cropImageNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, CROP_BOX_INVALID, and IMAGE_* where the image cannot be processed. */
export const cropImageExecutor = defineExecutor(cropImageNode, async (context) => {
  const { config, assets, media, signal } = context;
  const image = await resolveAssetInput(context, 'image_url', 'image');
  if (image === undefined) {
    throw new TerminalError('INPUT_MISSING', 'Nothing is connected to the input "image_url". Connect an image.', {
      details: { handle: 'image_url' },
    });
  }
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
