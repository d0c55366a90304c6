import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { choiceNode, notAnOption } from './definition.ts';

/** Throws NODE_DATA_INVALID where what is chosen is no option any more. */
export const choiceExecutor = defineExecutor(choiceNode, async ({ config: { value, options } }) => {
  if (!options.includes(value)) throw new TerminalError('NODE_DATA_INVALID', notAnOption(value, options));
  return { output: value };
});
