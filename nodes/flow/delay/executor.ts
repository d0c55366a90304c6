import { setTimeout as sleep } from 'node:timers/promises';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { Suspension } from '../../../core/node-type/suspension.ts';
import type { NodeInputs, OutputValue } from '../../../core/node-type/values.ts';
import { delayNode, longestHeldMs } from './definition.ts';

/** Waits, then passes on what came in: null without an edge, the value of one edge, a list of several. */
export const delayExecutor = defineExecutor(delayNode, async ({ config, inputs, signal }) => {
  signal.throwIfAborted();
  const outputs = { output: passedOn(inputs) };
  if (config.ms > longestHeldMs) {
    return new Suspension({ kind: 'timer', dueInMs: config.ms, dueOutputs: outputs });
  }
  if (config.ms > 0) {
    await sleep(config.ms, undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  }
  return outputs;
});

function passedOn(inputs: NodeInputs): OutputValue {
  const input = Object.hasOwn(inputs, 'input') ? inputs['input'] : undefined;
  const values: OutputValue[] = input === undefined ? [] : Array.isArray(input) ? input : [input];
  return values.length === 0 ? null : values.length === 1 ? (values[0] ?? null) : values;
}
