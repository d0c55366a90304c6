import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { readIndices } from './indices.ts';

const counted = 'Counted from 0; -1 is the last element.';

/** Some of the elements of a list, or all of them in another order. What it puts out is of the type that comes in. */
export const pickNode = defineNode({
  type: 'pick',
  version: 1,
  title: 'Pick',
  description: 'Picks or orders elements of a list: first, last, a range, sorted, unique, shuffled.',
  category: 'flow',
  keywords: [
    'filter',
    'slice',
    'limit',
    'head',
    'tail',
    'take',
    'sort',
    'order',
    'unique',
    'distinct',
    'shuffle',
    'random',
    'sample',
    'index',
  ],
  icon: 'list-filter',
  inputs: [{ id: 'items', title: 'List', dataType: 'list<any>', required: true }],
  outputs: [{ id: 'output', title: 'Picked', dataType: 'list<any>', follows: { input: 'items', as: 'list' } }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    mode: z
      .enum(['first', 'last', 'every', 'range', 'index', 'sort', 'unique', 'shuffle'])
      .default('first')
      .meta({
        title: 'Pick',
        control: 'select',
        labels: {
          first: 'The first ones',
          last: 'The last ones',
          every: 'Every nth',
          range: 'A range',
          index: 'By index',
          sort: 'Sorted',
          unique: 'Without repetitions',
          shuffle: 'Shuffled',
        },
      }),
    count: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .meta({
        title: 'Count',
        control: 'number',
        shownWhen: { field: 'mode', values: ['first', 'last', 'every'] },
        description: 'For every nth: n.',
      }),
    from: z
      .number()
      .int()
      .default(0)
      .meta({
        title: 'From index',
        control: 'number',
        shownWhen: { field: 'mode', values: ['range'] },
        description: counted,
      }),
    to: z
      .number()
      .int()
      .default(-1)
      .meta({
        title: 'To index',
        control: 'number',
        shownWhen: { field: 'mode', values: ['range'] },
        description: `Included. ${counted}`,
      }),
    index: z
      .union([z.number().int(), z.array(z.number().int()).max(10_000), z.string().max(10_000)])
      .default(0)
      .meta({
        title: 'Indices',
        control: 'text',
        placeholder: '0, 2, -1',
        shownWhen: { field: 'mode', values: ['index'] },
        description: counted,
      }),
    by: z
      .string()
      .max(255)
      .default('')
      .meta({
        title: 'By field',
        control: 'text',
        placeholder: 'price, or details.size',
        shownWhen: { field: 'mode', values: ['sort', 'unique'] },
        description: 'Of objects and files (width, bytes). Empty: by the element itself.',
      }),
    descending: z
      .boolean()
      .default(false)
      .meta({ title: 'Largest first', control: 'switch', shownWhen: { field: 'mode', values: ['sort'] } }),
    seed: z
      .number()
      .int()
      .min(0)
      .max(4_294_967_295)
      .default(1)
      .meta({
        title: 'Seed',
        control: 'number',
        shownWhen: { field: 'mode', values: ['shuffle'] },
        description: 'The same seed gives the same order.',
      }),
  }),
  defaults: { label: 'Pick', mode: 'first', count: 1 },
  mainField: 'mode',
  look: { height: 374 },
  costClass: () => 'inline',
  isDeterministic: () => true,
  check({ mode, index }) {
    const read = mode === 'index' ? readIndices(index) : [];
    return typeof read === 'string' ? [{ field: 'index', message: read }] : [];
  },
});
