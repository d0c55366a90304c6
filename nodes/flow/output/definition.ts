import { z } from 'zod';
import { interfaceNameSchema, outputNodeType } from '../../../core/interface/settings.ts';
import { defineNode } from '../../../core/node-type/definition.ts';

/**
 * Marks a result of the workflow: what comes in is what callers get by its name, and what it puts out. Inline: completed
 * on the spot, without a job.
 */
export const outputNode = defineNode({
  type: outputNodeType,
  version: 1,
  title: 'Output',
  description: 'A named result of the workflow, which other programs can ask for.',
  category: 'flow',
  keywords: ['result', 'return', 'answer', 'end', 'final', 'export'],
  icon: 'flag',
  inputs: [{ id: 'value', title: 'Value', dataType: 'any', required: true }],
  outputs: [{ id: 'output', title: 'Result', dataType: 'any', follows: { input: 'value', as: 'same' } }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    name: interfaceNameSchema
      .default('result')
      .meta({ title: 'Output name', description: 'The name that other programs use', control: 'text' }),
  }),
  defaults: { label: 'Output', name: 'result' },
  costClass: () => 'inline',
  isDeterministic: () => true,
});
