import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { compilePattern } from './pattern.ts';

/** Looks for a text or an RE2 pattern. */
export const replaceTextNode = defineNode({
  type: 'replaceText',
  version: 1,
  title: 'Replace text',
  description: 'Finds words or a pattern in a text and replaces them.',
  category: 'text',
  keywords: ['find', 'search', 'substitute', 'regex', 'regular expression', 'remove', 'delete', 'clean up'],
  icon: 'replace',
  inputs: [
    { id: 'text', title: 'Text', dataType: 'text', required: true },
    { id: 'replacement', title: 'Replace with', dataType: 'text', configField: 'replacement' },
  ],
  outputs: [{ id: 'output', title: 'New text', dataType: 'text' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    find: z.string().max(10_000).default('').meta({ title: 'Find', control: 'text' }),
    replacement: z
      .string()
      .max(100_000)
      .default('')
      .meta({ title: 'Replace with', control: 'text', placeholder: 'Nothing' }),
    mode: z
      .enum(['plain', 'pattern'])
      .default('plain')
      .meta({
        title: 'Find as',
        control: 'select',
        labels: { plain: 'Plain text', pattern: 'Pattern (RE2)' },
        description: 'In a pattern, ^ and $ match at each line; $1 in the replacement is the first group.',
      }),
    ignoreCase: z.boolean().default(false).meta({ title: 'Ignore case', control: 'switch', place: 'inspector' }),
    firstOnly: z.boolean().default(false).meta({ title: 'First match only', control: 'switch', place: 'inspector' }),
  }),
  defaults: { label: 'Replace text', find: '', replacement: '' },
  mainField: 'find',
  look: { height: 438 },
  costClass: () => 'io',
  isDeterministic: () => true,
  check({ find, mode, ignoreCase }) {
    const pattern = compilePattern(find, { isPlain: mode === 'plain', ignoresCase: ignoreCase });
    return typeof pattern === 'string' ? [{ field: 'find', message: pattern }] : [];
  },
});
