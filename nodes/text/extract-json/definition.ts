import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { handlesOfExtract, shapeOfExtract } from './handles.ts';
import { readQuery } from './query.ts';

/** Takes data, or text that is JSON. What comes out as JSON can be connected to texts and numbers as well. */
export const extractJsonNode = defineNode({
  type: 'extractJson',
  version: 1,
  title: 'Extract from JSON',
  description: 'Extracts part of the data: a field, a list, a count.',
  category: 'text',
  keywords: ['json', 'jmespath', 'json pointer', 'field', 'query', 'parse', 'path', 'select'],
  icon: 'code',
  ...handlesOfExtract({ as: 'json' }),
  handles: handlesOfExtract,
  configSchema: z.object({
    label: z.string().max(255).optional(),
    expression: z.string().max(1_000).default('').meta({
      title: 'Expression',
      control: 'text',
      placeholder: 'items[0].title',
      description: 'JMESPath such as items[?price > `10`].title, or a JSON pointer such as /items/0/title.',
    }),
    as: shapeOfExtract.shape.as.meta({
      title: 'Result as',
      control: 'select',
      labels: { json: 'JSON', text: 'Text', list: 'A list, gone through one by one' },
      place: 'inspector',
    }),
    missing: z
      .enum(['fail', 'null'])
      .default('fail')
      .meta({
        title: 'If nothing is found',
        control: 'select',
        labels: { fail: 'Fail', null: 'Continue with null' },
        place: 'inspector',
      }),
  }),
  defaults: { label: 'Extract from JSON', expression: '' },
  mainField: 'expression',
  look: { height: 318 },
  costClass: () => 'io',
  isDeterministic: () => true,
  check({ expression }) {
    const query = readQuery(expression);
    return typeof query === 'string' ? [{ field: 'expression', message: query }] : [];
  },
});
