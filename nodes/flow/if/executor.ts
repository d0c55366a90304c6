import { defineExecutor } from '../../../core/node-type/executor.ts';
import type { NodeOutputs } from '../../../core/node-type/values.ts';
import { ifNode } from './definition.ts';
import { valueIn } from './executor-conditions.ts';
import { findInTurn } from './executor-turns.ts';

/** The value at the output that its condition names, and nothing at the other. */
export const ifExecutor = defineExecutor(ifNode, async ({ config, inputs, signal }): Promise<NodeOutputs> => {
  const value = valueIn(inputs);
  return (await findInTurn([config], value, signal)) === null ? { false: value } : { true: value };
});
