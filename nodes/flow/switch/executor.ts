import { defineExecutor } from '../../../core/node-type/executor.ts';
import { firstThatHolds, valueIn } from '../if/executor-conditions.ts';
import { switchNode } from './definition.ts';

/** The value at the first case that holds, from top to bottom, else at `else`; nothing at the others. */
export const switchExecutor = defineExecutor(switchNode, async ({ config, inputs }) => {
  const value = valueIn(inputs);
  const at = firstThatHolds(config.cases, value);
  return { [at === null ? 'else' : config.cases[at]!.id]: value };
});
