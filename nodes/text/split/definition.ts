import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { compilePattern } from '../replace/pattern.ts';

/** Parts in the order of the text. Patterns are RE2. */
export const splitTextNode = defineNode({
  type: 'splitText',
  version: 1,
  title: 'Split text',
  description: 'Splits a text into a list: by line, paragraph, separator, length or pattern.',
  category: 'text',
  keywords: ['lines', 'paragraphs', 'chunk', 'chunks', 'tokenize', 'cut', 'list', 'separate', 'csv'],
  icon: 'scissors',
  inputs: [{ id: 'text', title: 'Text', dataType: 'text', required: true }],
  outputs: [{ id: 'output', title: 'Parts', dataType: 'list<text>' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    by: z
      .enum(['line', 'paragraph', 'separator', 'length', 'pattern'])
      .default('line')
      .meta({
        title: 'Split at',
        control: 'select',
        labels: {
          line: 'Each new line',
          paragraph: 'Empty lines',
          separator: 'A separator',
          length: 'A length',
          pattern: 'A pattern (RE2)',
        },
      }),
    separator: z
      .string()
      .max(1_000)
      .default(',')
      .meta({ title: 'Separator', control: 'text', shownWhen: { field: 'by', values: ['separator'] } }),
    length: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(1_000)
      .meta({
        title: 'Characters per part',
        control: 'number',
        shownWhen: { field: 'by', values: ['length'] },
        description: 'At most; a part ends between two words where it can.',
      }),
    overlap: z
      .number()
      .int()
      .min(0)
      .max(999_999)
      .default(0)
      .meta({
        title: 'Overlap',
        control: 'number',
        shownWhen: { field: 'by', values: ['length'] },
        description: 'How many characters of a part the next one repeats.',
      }),
    pattern: z
      .string()
      .max(10_000)
      .default('')
      .meta({
        title: 'Pattern',
        control: 'text',
        placeholder: String.raw`\n#+ `,
        shownWhen: { field: 'by', values: ['pattern'] },
      }),
    trim: z
      .boolean()
      .default(true)
      .meta({ title: 'Remove spaces around parts', control: 'switch', place: 'inspector' }),
    skipEmpty: z.boolean().default(true).meta({ title: 'Skip empty parts', control: 'switch', place: 'inspector' }),
  }),
  defaults: { label: 'Split text', by: 'line' },
  mainField: 'by',
  look: { height: 342 },
  costClass: ({ by }) => (by === 'pattern' || by === 'length' ? 'io' : 'inline'),
  isDeterministic: () => true,
  check({ by, separator, length, overlap, pattern }) {
    switch (by) {
      case 'separator':
        return separator === '' ? [{ field: 'separator', message: 'The separator is empty. Enter one.' }] : [];
      case 'length':
        return overlap < length
          ? []
          : [
              {
                field: 'overlap',
                message: `The overlap has to be shorter than a part, which has ${length} characters.`,
              },
            ];
      case 'pattern': {
        const compiled = compilePattern(pattern, { isPlain: false, ignoresCase: false });
        return typeof compiled === 'string' ? [{ field: 'pattern', message: compiled }] : [];
      }
      case 'line':
      case 'paragraph':
        return [];
    }
  },
});
