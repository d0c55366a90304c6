import { defineExecutor } from '../../../core/node-type/executor.ts';
import type { NodeOutputs } from '../../../core/node-type/values.ts';
import type { LoopEnd } from '../../../core/run/region.ts';
import { valueIn } from '../if/executor-conditions.ts';
import { findInTurn } from '../if/executor-turns.ts';
import { untilNode } from './definition.ts';

/** One lap: its value, and whether it is the last because of the condition. */
export const untilExecutor = defineExecutor(untilNode, async ({ config, inputs, signal }): Promise<NodeOutputs> => {
  const value = valueIn(inputs);
  const checked = Object.hasOwn(inputs, 'check') ? valueIn({ value: inputs['check']! }) : value;
  const isMet = (await findInTurn([config], checked, signal)) !== null;
  return { output: value, laps: [value], ended: (isMet ? 'condition' : 'maximum') satisfies LoopEnd };
});
