import { defineExecutor } from '../../../core/node-type/executor.ts';
import { textInputs } from '../../../core/node-type/inputs.ts';
import { joinTextNode, separators } from './definition.ts';

/** Throws TYPE_MISMATCH where something is no text. Nothing connected gives an empty text. */
export const joinTextExecutor = defineExecutor(joinTextNode, async ({ config, inputs }) => {
  const { between, separator, skipEmpty } = config;
  const texts = textInputs(inputs, 'texts').filter((text) => !skipEmpty || text.trim() !== '');
  return { output: texts.join(between === 'custom' ? separator : separators[between]) };
});
