import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** Laps that a loop has where nothing else is set. */
export const defaultLaps = 10;
/** Laps that a loop may have. More is work for a list, whose elements do not wait for each other. */
export const maxLaps = 100;

/**
 * Begins what is repeated, up to `until`: each lap gets the value that the one before it gave, and the first one that which
 * comes in here. Executed alone, without its end, it passes its value on once.
 */
export const repeatNode = defineNode({
  type: 'repeat',
  version: 1,
  title: 'Repeat',
  description: 'Begins a loop: what follows is repeated up to "Until", each time with the last result.',
  category: 'flow',
  keywords: ['loop', 'while', 'again', 'iterate', 'refine', 'improve', 'laps'],
  icon: 'repeat',
  inputs: [{ id: 'value', title: 'First value', dataType: 'any', required: true }],
  outputs: [{ id: 'output', title: 'Value', dataType: 'any', follows: { input: 'value', as: 'same' } }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    max: z.number().int().min(1).max(maxLaps).default(defaultLaps).meta({
      title: 'At most',
      description: 'The loop ends after this many laps in any case',
      control: 'number',
    }),
  }),
  defaults: { label: 'Repeat', max: defaultLaps },
  mainField: 'max',
  look: { height: 134, showsOutput: true },
  loop: 'begin',
  laps: ({ max }) => max,
  costClass: () => 'inline',
  isDeterministic: () => true,
});
