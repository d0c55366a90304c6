import { z } from 'zod';
import { defineNode, type NodeHandles, type OutputHandle } from '../../../core/node-type/definition.ts';

const modes = ['append', 'join', 'first', 'count', 'best'] as const;

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
  ...handlesOf('append'),
  configSchema: z.object({
    label: z.string().max(255).optional(),
    mode: z
      .enum(modes)
      .default('append')
      .meta({
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
  handles: ({ mode }) => handlesOf(mode),
  check: ({ mode }, connected) =>
    mode === 'best' && !connected.has('scores')
      ? [{ field: 'scores', message: 'The best one needs scores. Connect a list of numbers, one for each element.' }]
      : [],
});

function handlesOf(mode: (typeof modes)[number]): NodeHandles {
  return {
    inputs: [
      { id: 'items', title: 'Lists and values', dataType: 'any', many: true, required: true },
      { id: 'scores', title: 'Scores', dataType: 'list<number>', onlyByName: true },
    ],
    outputs: [{ id: 'output', ...outputOf(mode) }],
  };
}

function outputOf(mode: (typeof modes)[number]): Omit<OutputHandle, 'id'> {
  switch (mode) {
    case 'append':
      return { title: 'List', dataType: 'list<any>', follows: { input: 'items', as: 'list' } };
    case 'join':
      return { title: 'Text', dataType: 'text' };
    case 'count':
      return { title: 'Count', dataType: 'number' };
    case 'first':
      return { title: 'First', dataType: 'any', follows: { input: 'items', as: 'element' } };
    case 'best':
      return { title: 'Best', dataType: 'any', follows: { input: 'items', as: 'element' } };
  }
}
