import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { byLinkSchema, expiresSchema, messageSchema } from '../approve/definition.ts';

/** As many as a region may have. */
const mostChosen = 10_000;

/** Waits for a person, who chooses some elements of a list; they go on as a list, with their places in the one that came. */
export const chooseNode = defineNode({
  type: 'choose',
  version: 1,
  title: 'Choose',
  description: 'Asks a person to choose some elements of a list.',
  category: 'flow',
  keywords: ['pick', 'select', 'ask', 'human', 'gallery', 'best', 'review'],
  icon: 'list-checks',
  inputs: [{ id: 'items', title: 'Items', dataType: 'list<any>', required: true }],
  outputs: [
    { id: 'output', title: 'Chosen', dataType: 'list<any>', follows: { input: 'items', as: 'same' } },
    { id: 'indices', title: 'Indices', dataType: 'list<number>' },
  ],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    message: messageSchema,
    min: z
      .number()
      .int()
      .min(0)
      .max(mostChosen)
      .default(1)
      .meta({ title: 'At least', description: 'How many have to be chosen', control: 'number' }),
    max: z
      .number()
      .int()
      .min(1)
      .max(mostChosen)
      .default(1)
      .meta({ title: 'At most', description: 'How many may be chosen', control: 'number' }),
    expiresInMs: expiresSchema,
    byLink: byLinkSchema,
  }),
  defaults: { label: 'Choose', message: 'Which one?', min: 1, max: 1 },
  mainField: 'message',
  look: { height: 478, results: ['output'] },
  costClass: () => 'inline',
  isDeterministic: () => false,
  check: ({ min, max }) =>
    min <= max
      ? []
      : [
          {
            field: 'min',
            message: `At least ${min} and at most ${max} cannot both be. Raise the one or lower the other.`,
          },
        ],
});
