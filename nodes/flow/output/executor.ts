import { defineExecutor } from '../../../core/node-type/executor.ts';
import { outputNode } from './definition.ts';

/** Passes on what came in; null where that was nothing. Nothing is thrown. */
export const outputExecutor = defineExecutor(outputNode, async ({ inputs }) => {
  const value = Object.hasOwn(inputs, 'value') ? inputs['value'] : undefined;
  return { output: value ?? null };
});
