import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { handlesOfCollect, shapeOfCollect } from './handles.ts';

/** Lists and single values in the order of their connections, as one. What it puts out is of the type that comes in. */
export const collectNode = defineNode({
  type: 'collect',
  version: 1,
  title: 'Collect',
  description: 'Brings lists and single values together: as one list, as text, counted, or the best one.',
  category: 'flow',
  keywords: [
    'append',
    'concat',
    'concatenate',
    'gather',
    'combine',
    'merge lists',
    'join',
    'count',
    'reduce',
    'best',
    'score',
    'rank',
    'first',
  ],
  icon: 'combine',
  ...handlesOfCollect({ mode: 'append' }),
  configSchema: z.object({
    label: z.string().max(255).optional(),
    mode: shapeOfCollect.shape.mode.meta({
      title: 'Result',
      control: 'select',
      labels: {
        append: 'One list of all',
        join: 'Text of all',
        first: 'The first that is there',
        count: 'How many there are',
        best: 'The one with the highest score',
      },
    }),
    separator: z
      .string()
      .max(1_000)
      .default('\n')
      .meta({ title: 'Between two texts', control: 'textarea', shownWhen: { field: 'mode', values: ['join'] } }),
  }),
  defaults: { label: 'Collect', mode: 'append' },
  mainField: 'mode',
  look: { height: 336 },
  costClass: () => 'inline',
  isDeterministic: () => true,
  handles: handlesOfCollect,
  check: ({ mode }, connected) =>
    mode === 'best' && !connected.has('scores')
      ? [{ field: 'scores', message: 'The best one needs scores. Connect a list of numbers, one for each element.' }]
      : [],
});
