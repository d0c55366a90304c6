import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { numberInput, requireAssetInput } from '../../../core/node-type/inputs.ts';
import { resizeImage } from '../../../media/operations/resize-image.ts';
import { resizeImageNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID where there is no size, and IMAGE_* where it cannot be done. */
export const resizeImageExecutor = defineExecutor(resizeImageNode, async (context) => {
  const { config, inputs, assets, media, signal } = context;
  const image = await requireAssetInput(context, 'image', 'image');
  const output = join(assets.workDir, 'resized');
  await media.run(resizeImage, {
    input: await assets.localFile(image),
    output,
    mode: config.mode,
    unit: config.unit,
    width: sideOf(numberInput(inputs, 'width') ?? config.width, 'width'),
    height: sideOf(numberInput(inputs, 'height') ?? config.height, 'height'),
    mayEnlarge: config.enlarge,
    position: config.position,
    background: config.fill === 'blur' ? 'blur' : config.background,
    kernel: config.kernel,
    signal,
  });
  return { output: await assets.save(output, { name: 'resized', kind: 'image' }) };
});

function sideOf(side: number | undefined, name: string): number | undefined {
  if (side === undefined || side > 0) return side;
  throw new TerminalError('NODE_DATA_INVALID', `The ${name} is ${side}. Enter more than 0.`, {
    details: { field: name },
  });
}
