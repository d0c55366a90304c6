import { defineExecutor } from '../../../core/node-type/executor.ts';
import { mergeNode } from './definition.ts';

/** The values of the live edges: the first, or all of them. */
export const mergeExecutor = defineExecutor(mergeNode, async ({ config, inputs }) => {
  const values = Object.hasOwn(inputs, 'values') ? [inputs['values'] ?? []].flat(1) : [];
  return { output: config.mode === 'all' ? values : (values[0] ?? null) };
});
