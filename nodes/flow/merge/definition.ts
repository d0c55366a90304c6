import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { handlesOfMerge } from './handles.ts';

/**
 * Brings branches together again. Needs one that was taken; of several it gives the first in the order of the edges,
 * whatever came first in time, so that a repeat gives the same.
 */
export const mergeNode = defineNode({
  type: 'merge',
  version: 1,
  title: 'Merge',
  description: 'Brings branches back together and passes on the value of the one that was taken.',
  category: 'flow',
  keywords: ['join', 'branch', 'combine', 'coalesce'],
  icon: 'git-merge',
  ...handlesOfMerge({ mode: 'first' }),
  handles: handlesOfMerge,
  configSchema: z.object({
    label: z.string().max(255).optional(),
    mode: z
      .enum(['first', 'all'])
      .default('first')
      .meta({ title: 'Result', description: 'The first value, or all values as a list', control: 'select' }),
  }),
  defaults: { label: 'Merge', mode: 'first' },
  mainField: 'mode',
  costClass: () => 'inline',
  isDeterministic: () => true,
});
