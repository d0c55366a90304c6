import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** What stands between two texts, by the name of the choice; `custom` stands in a field of its own. */
export const separators = { paragraph: '\n\n', line: '\n', space: ' ', comma: ', ', nothing: '' } as const;

/** Texts in the order of their connections; a list counts with each item. */
export const joinTextNode = defineNode({
  type: 'joinText',
  version: 1,
  title: 'Join text',
  description: 'Joins several texts into one.',
  category: 'text',
  keywords: ['concatenate', 'combine', 'merge', 'append', 'glue'],
  icon: 'git-merge',
  inputs: [{ id: 'texts', title: 'Texts', dataType: 'text', many: true, required: true }],
  outputs: [{ id: 'output', title: 'Joined text', dataType: 'text' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    between: z
      .enum(['paragraph', 'line', 'space', 'comma', 'nothing', 'custom'])
      .default('paragraph')
      .meta({
        title: 'Separator',
        control: 'select',
        labels: {
          paragraph: 'An empty line',
          line: 'A new line',
          space: 'A space',
          comma: 'A comma',
          nothing: 'Nothing',
          custom: 'Something else',
        },
      }),
    separator: z
      .string()
      .max(1_000)
      .default('\n---\n')
      .meta({
        title: 'Custom separator',
        control: 'textarea',
        shownWhen: { field: 'between', values: ['custom'] },
      }),
    skipEmpty: z.boolean().default(true).meta({ title: 'Skip empty texts', control: 'switch', place: 'inspector' }),
  }),
  defaults: { label: 'Join text', between: 'paragraph' },
  mainField: 'separator',
  look: { height: 318 },
  costClass: () => 'inline',
  isDeterministic: () => true,
});
