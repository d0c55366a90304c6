import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requireAssetInput, resolveAssetInput } from '../../../core/node-type/inputs.ts';
import { requiredFile } from '../../../core/node-type/required-files.ts';
import { composeImages, type Layer } from '../../../media/operations/compose-images.ts';
import { composeImagesNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, and IMAGE_* where an image cannot be processed. */
export const composeImagesExecutor = defineExecutor(composeImagesNode, async (context) => {
  const { config, assets, media, signal } = context;
  const { path } = await requiredFile(context, 'base', 'image');
  const layers: Layer[] = [];
  for (const { id, name: _name, mask, isMaskInverted, ...shape } of config.layers) {
    const image = await resolveAssetInput(context, id, 'image');
    if (image === undefined) continue;
    const masked =
      mask === 'none'
        ? null
        : {
            file: await assets.localFile(await requireAssetInput(context, `${id}_mask`, 'image')),
            from: mask,
            isInverted: isMaskInverted,
          };
    layers.push({ ...shape, file: await assets.localFile(image), mask: masked });
  }
  const output = join(assets.workDir, 'composed');
  await media.run(composeImages, { input: path, output, layers, signal });
  return { output: await assets.save(output, { name: 'composed', kind: 'image' }) };
});
