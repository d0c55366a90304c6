import { defineExecutor } from '../../../core/node-type/executor.ts';
import type { NodeOutputs } from '../../../core/node-type/values.ts';
import { ifNode } from './definition.ts';
import { firstThatHolds, valueIn } from './executor-conditions.ts';

/** The value at the output that its condition names, and nothing at the other. */
export const ifExecutor = defineExecutor(ifNode, async ({ config, inputs }): Promise<NodeOutputs> => {
  const value = valueIn(inputs);
  return firstThatHolds([config], value) === null ? { false: value } : { true: value };
});
