import { z } from 'zod';
import { defineNode, type InputHandle } from '../../../core/node-type/definition.ts';
import { parseTemplate } from './template.ts';

/** Whether there is a text for the name even where nothing is connected. */
const standsIn = 'default';

/** Each name in double braces is an input; one without a default has to be connected. */
export const templateNode = defineNode({
  type: 'template',
  version: 1,
  title: 'Template',
  description: 'Fills values into a text: each {{name}} becomes an input.',
  category: 'text',
  keywords: ['prompt', 'fill in', 'variables', 'placeholder', 'mail merge', 'format', 'concatenate', 'combine'],
  icon: 'braces',
  inputs: [{ id: 'name', title: 'name', dataType: 'any', required: true }],
  outputs: [{ id: 'output', title: 'Text', dataType: 'text' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    template: z.string().max(100_000).default('').meta({
      title: 'Template',
      control: 'textarea',
      placeholder: 'A picture of {{subject}} in the style of {{style}}',
      description:
        'Filters: {{names | join: ", "}}, {{data | json}}, upper, lower, trim, first, last, size, default: "text".',
    }),
  }),
  defaults: { label: 'Template', template: 'Hello {{name}}!' },
  mainField: 'template',
  look: { height: 312 },
  costClass: () => 'inline',
  isDeterministic: () => true,
  handles({ template }) {
    const { names, parts } = parseTemplate(template);
    const inputs = names.map((name): InputHandle => {
      const uses = parts.filter((part) => typeof part !== 'string' && part.name === name);
      const isOptional = uses.every(
        (use) => typeof use !== 'string' && use.filters.some((filter) => filter.name === standsIn),
      );
      return { id: name, title: name, dataType: 'any', required: !isOptional };
    });
    return { inputs, outputs: [{ id: 'output', title: 'Text', dataType: 'text' }] };
  },
  check: ({ template }) =>
    parseTemplate(template).flaws.map(({ message, line, column }) => ({
      field: 'template',
      message: `Line ${line}, column ${column}: ${message}`,
    })),
});
