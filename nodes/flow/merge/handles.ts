import { z } from 'zod';
import type { NodeHandles } from '../../../core/node-type/definition.ts';

/** What the handles of a merge follow from. */
export const shapeOfMerge = z.object({ mode: z.enum(['first', 'all']).default('first') });

/** What it puts out is one of the values that come in, or all of them. */
export function handlesOfMerge({ mode }: z.output<typeof shapeOfMerge>): NodeHandles {
  return {
    inputs: [{ id: 'values', title: 'Values', dataType: 'any', many: true, required: true }],
    outputs: [
      mode === 'first'
        ? { id: 'output', title: 'Output', dataType: 'any', follows: { input: 'values', as: 'same' } }
        : { id: 'output', title: 'Output', dataType: 'list<any>', follows: { input: 'values', as: 'values' } },
    ],
  };
}
