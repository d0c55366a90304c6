import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

const option = z.string().min(1, 'An option is empty.').max(200);

/** No inputs; puts out the chosen one of its options as text. Inline: completed on the spot, without a job. */
export const choiceNode = defineNode({
  type: 'choice',
  version: 1,
  title: 'Choice',
  description: 'One of several options.',
  category: 'input',
  keywords: ['select', 'option', 'dropdown', 'menu', 'pick one', 'list'],
  icon: 'list',
  inputs: [],
  outputs: [{ id: 'output', title: 'Chosen option', dataType: 'text' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    value: z.string().max(200).default('').meta({ title: 'Chosen', control: 'select', optionsField: 'options' }),
    options: z.array(option).max(100).default([]).meta({ title: 'Options', control: 'lines' }),
  }),
  defaults: { label: 'Choice', value: 'Portrait', options: ['Portrait', 'Square', 'Landscape'] },
  mainField: 'value',
  value: { field: 'value', optionsField: 'options' },
  look: { height: 256, showsOutput: true },
  costClass: () => 'inline',
  isDeterministic: () => true,
  outputsAhead: ({ value }) => ({ output: { value } }),
  check: ({ value, options }) =>
    options.includes(value) ? [] : [{ field: 'value', message: notAnOption(value, options) }],
});

/** Why a choice cannot stand, in words. */
export function notAnOption(value: string, options: readonly string[]): string {
  if (options.length === 0) return 'There are no options. Write them down, one a line.';
  if (value === '') return `Nothing is chosen. Choose one of: ${options.join(', ')}.`;
  return `"${value}" is none of the options. Choose one of: ${options.join(', ')}.`;
}
