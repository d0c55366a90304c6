import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { textInput } from '../../../core/node-type/inputs.ts';
import { replaceTextNode } from './definition.ts';
import { compilePattern } from './pattern.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, and NODE_DATA_INVALID where the pattern cannot be read. */
export const replaceTextExecutor = defineExecutor(replaceTextNode, async ({ config, inputs }) => {
  const text = textInput(inputs, 'text');
  if (text === undefined) {
    throw new TerminalError('INPUT_MISSING', 'Nothing is connected to the input "text". Connect a text.', {
      details: { handle: 'text' },
    });
  }
  const { find, mode, ignoreCase, firstOnly } = config;
  const isPlain = mode === 'plain';
  const pattern = compilePattern(find, { isPlain, ignoresCase: ignoreCase });
  if (typeof pattern === 'string')
    throw new TerminalError('NODE_DATA_INVALID', pattern, { details: { field: 'find' } });
  const written = textInput(inputs, 'replacement') ?? config.replacement;
  // In plain text a dollar is a dollar.
  const replacement = isPlain ? written.replaceAll('$', '$$$$') : written;
  const matcher = pattern.matcher(text);
  return { output: firstOnly ? matcher.replaceFirst(replacement) : matcher.replaceAll(replacement) };
});
