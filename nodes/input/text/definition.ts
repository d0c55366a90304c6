import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** No inputs; puts out its field `text` unchanged. Inline: completed on the spot, without a job. */
export const textNode = defineNode({
  type: 'text',
  version: 1,
  title: 'Text',
  description: 'A piece of text, such as a prompt.',
  category: 'input',
  keywords: ['prompt', 'note', 'string', 'words'],
  icon: 'type',
  inputs: [],
  outputs: [{ id: 'output', title: 'Text', dataType: 'text' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    text: z.string().default('').meta({ title: 'Text', control: 'textarea', placeholder: 'Write something …' }),
  }),
  defaults: { label: 'Text', text: '' },
  mainField: 'text',
  value: { field: 'text' },
  look: { height: 156 },
  costClass: () => 'inline',
  isDeterministic: () => true,
  outputsAhead: ({ text }) => ({ output: { value: text } }),
});
