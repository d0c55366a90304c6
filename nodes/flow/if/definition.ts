import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { conditionFields, conditionProblem } from './condition.ts';

/** Passes its value on at `true` or at `false`; the branch at the other output is not taken. */
export const ifNode = defineNode({
  type: 'if',
  version: 1,
  title: 'If',
  description: 'Sends the value down one of two paths.',
  category: 'flow',
  keywords: ['condition', 'branch', 'decide', 'yes or no', 'filter'],
  icon: 'toggle-left',
  inputs: [{ id: 'value', title: 'Value', dataType: 'any', required: true }],
  outputs: [
    { id: 'true', title: 'True', dataType: 'any', follows: { input: 'value', as: 'same' } },
    { id: 'false', title: 'False', dataType: 'any', follows: { input: 'value', as: 'same' } },
  ],
  configSchema: z.object({ label: z.string().max(255).optional(), ...conditionFields }),
  defaults: { label: 'If', operator: 'contains', operand: '' },
  mainField: 'operand',
  look: { height: 196, showsOutput: true },
  branches: true,
  costClass: () => 'inline',
  isDeterministic: () => true,
  check: (config) => {
    const problem = conditionProblem(config);
    return problem === null ? [] : [problem];
  },
});
