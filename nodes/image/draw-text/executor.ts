import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { textInput } from '../../../core/node-type/inputs.ts';
import { requiredFile } from '../../../core/node-type/required-files.ts';
import { requireDrawable, textBoxOf, textStyleOf } from '../../../core/node-type/text-fields.ts';
import { drawText } from '../../../media/operations/draw-text.ts';
import { drawTextNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID for a text that cannot be drawn, and IMAGE_*. */
export const drawTextExecutor = defineExecutor(drawTextNode, async (context) => {
  const { config, inputs, assets, media, signal } = context;
  const text = textInput(inputs, 'text') ?? config.text;
  requireDrawable(text);
  const { path } = await requiredFile(context, 'image', 'image');
  const output = join(assets.workDir, 'text');
  await media.run(drawText, {
    input: path,
    output,
    text,
    box: textBoxOf(config),
    style: textStyleOf(config),
    signal,
  });
  return { output: await assets.save(output, { name: 'text', kind: 'image' }) };
});
