import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** No inputs; puts out its number. Inline: completed on the spot, without a job. */
export const numberNode = defineNode({
  type: 'number',
  version: 1,
  title: 'Number',
  description: 'A number, such as a width or a count.',
  category: 'input',
  keywords: ['integer', 'count', 'value', 'slider'],
  icon: 'hash',
  inputs: [],
  outputs: [{ id: 'output', title: 'Number', dataType: 'number' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    value: z.number().default(0).meta({ title: 'Number', control: 'number', exact: true }),
  }),
  defaults: { label: 'Number', value: 0 },
  mainField: 'value',
  value: { field: 'value' },
  look: { height: 134, showsOutput: true },
  costClass: () => 'inline',
  isDeterministic: () => true,
  outputsAhead: ({ value }) => ({ output: { value } }),
});
