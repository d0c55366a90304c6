import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requireAssetInput } from '../../../core/node-type/inputs.ts';
import { convertImage } from '../../../media/operations/convert-image.ts';
import { convertImageNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, FILE_TOO_LARGE where nothing fits the limit, and IMAGE_*. */
export const convertImageExecutor = defineExecutor(convertImageNode, async (context) => {
  const { config, assets, media, signal } = context;
  const image = await requireAssetInput(context, 'image', 'image');
  const output = join(assets.workDir, 'converted');
  await media.run(convertImage, {
    input: await assets.localFile(image),
    output,
    format: config.format,
    quality: config.quality,
    isLossless: config.lossless,
    maxBytes: config.limited ? config.maxKb * 1_000 : null,
    mayShrink: config.mayShrink,
    keepsMetadata: config.keepMetadata,
    keepsProfile: config.keepProfile,
    background: config.background,
    signal,
  });
  return { output: await assets.save(output, { name: 'converted', kind: 'image' }) };
});
