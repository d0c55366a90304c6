import { defineExecutor } from '../../../core/node-type/executor.ts';
import { valueIn } from '../if/executor-conditions.ts';
import { findInTurn } from '../if/executor-turns.ts';
import { switchNode } from './definition.ts';

/** The value at the first case that holds, from top to bottom, else at `else`; nothing at the others. */
export const switchExecutor = defineExecutor(switchNode, async ({ config, inputs, signal }) => {
  const value = valueIn(inputs);
  const at = await findInTurn(config.cases, value, signal);
  return { [at === null ? 'else' : config.cases[at]!.id]: value };
});
