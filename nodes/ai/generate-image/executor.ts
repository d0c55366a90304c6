import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { resolveAssetInput, resolveAssetInputs, textInput } from '../../../core/node-type/inputs.ts';
import type { AssetReference } from '../../../core/node-type/values.ts';
import { generateImageNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, PROVIDER_*, and as a file is taken in: IMAGE_*, UNSUPPORTED_MEDIA. */
export const generateImageExecutor = defineExecutor(generateImageNode, async (context) => {
  const { config, inputs, assets, models, signal, idempotencyKey } = context;
  const prompt = textInput(inputs, 'prompt') ?? config.prompt;
  if (prompt.trim() === '') {
    throw new TerminalError('INPUT_MISSING', 'The prompt is empty. Fill in "Prompt", or connect a text.', {
      details: { field: 'prompt', handle: 'prompt' },
    });
  }
  const localOf = async (asset: AssetReference) => ({
    file: await assets.localFile(asset),
    mimeType: asset.mimeType,
  });
  const images: { file: string; mimeType: string }[] = [];
  for (const asset of await resolveAssetInputs(context, 'images', 'image')) images.push(await localOf(asset));
  const mask = await resolveAssetInput(context, 'mask', 'image');
  const made = await models.generateImages(
    {
      model: config.model,
      prompt,
      images,
      ...(mask !== undefined && { mask: await localOf(mask) }),
      aspect: config.aspect,
      ...(config.size !== '' && { size: config.size }),
      count: config.count,
      ...(config.seed !== undefined && { seed: config.seed }),
      folder: assets.workDir,
      idempotencyKey,
    },
    { signal },
  );
  // Paid by now, whatever becomes of the files.
  context.report?.({ usage: made.usage ?? undefined, model: made.model, provider: made.provider });
  const kept: AssetReference[] = [];
  for (const [index, { file }] of made.files.entries()) {
    kept.push(await assets.save(file, { name: `generated-${index + 1}`, kind: 'image' }));
  }
  return { output: kept[0] ?? null, images: kept };
});
