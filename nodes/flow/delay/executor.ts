import { setTimeout as sleep } from 'node:timers/promises';
import { carriedValue } from '../../../core/node-type/carried-value.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { Suspension } from '../../../core/node-type/suspension.ts';
import { delayNode, longestHeldMs } from './definition.ts';

/** Waits, then passes on what came in: null without an edge, the value of one edge, a list of several. */
export const delayExecutor = defineExecutor(delayNode, async ({ config, inputs, signal }) => {
  signal.throwIfAborted();
  const outputs = { output: carriedValue(inputs, 'input') };
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
