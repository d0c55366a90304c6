import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** No inputs; puts out true or false. Inline: completed on the spot, without a job. */
export const booleanNode = defineNode({
  type: 'boolean',
  version: 1,
  title: 'Yes or no',
  description: 'A switch that is on or off.',
  category: 'input',
  keywords: ['boolean', 'toggle', 'checkbox', 'true', 'false', 'switch', 'flag'],
  icon: 'toggle-left',
  inputs: [],
  outputs: [{ id: 'output', title: 'Yes or no', dataType: 'boolean' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    value: z.boolean().default(false).meta({ title: 'Yes', control: 'switch' }),
  }),
  defaults: { label: 'Yes or no', value: false },
  mainField: 'value',
  value: { field: 'value' },
  look: { height: 102, showsOutput: true },
  costClass: () => 'inline',
  isDeterministic: () => true,
  outputsAhead: ({ value }) => ({ output: { value } }),
});
