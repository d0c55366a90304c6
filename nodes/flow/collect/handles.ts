import { z } from 'zod';
import type { NodeHandles, OutputHandle } from '../../../core/node-type/definition.ts';

/** What the handles of a collecting node follow from. */
export const shapeOfCollect = z.object({
  mode: z.enum(['append', 'join', 'first', 'count', 'best']).default('append'),
});
type Mode = z.output<typeof shapeOfCollect>['mode'];

/** What it puts out follows from its mode, and from what comes in. */
export function handlesOfCollect({ mode }: z.output<typeof shapeOfCollect>): NodeHandles {
  return {
    inputs: [
      { id: 'items', title: 'Lists and values', dataType: 'any', many: true, required: true },
      { id: 'scores', title: 'Scores', dataType: 'list<number>', onlyByName: true },
    ],
    outputs: [{ id: 'output', ...outputOf(mode) }],
  };
}

function outputOf(mode: Mode): Omit<OutputHandle, 'id'> {
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
