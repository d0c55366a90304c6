import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { conditionFields, conditionProblem } from '../if/condition.ts';

/**
 * Ends what `repeat` begins: its value goes into the next lap, unless the condition holds for what is checked. After the last
 * lap it gives the last value, those of all laps, and why there was no further one.
 */
export const untilNode = defineNode({
  type: 'until',
  version: 1,
  title: 'Until',
  description: 'Ends a loop that "Repeat" begins: goes on until a condition holds.',
  category: 'flow',
  keywords: ['loop', 'repeat', 'while', 'end', 'stop', 'condition', 'good enough'],
  icon: 'repeat-1',
  inputs: [
    { id: 'value', title: 'Value', dataType: 'any', required: true },
    // What the condition is about, where that is not the value itself: a score, or the answer of a model.
    { id: 'check', title: 'Check', dataType: 'any', carries: true, onlyByName: true },
  ],
  outputs: [
    { id: 'output', title: 'Last value', dataType: 'any', follows: { input: 'value', as: 'same' } },
    { id: 'laps', title: 'All values', dataType: 'list<any>', follows: { input: 'value', as: 'values' } },
    { id: 'ended', title: 'Why it ended', dataType: 'text' },
  ],
  configSchema: z.object({ label: z.string().max(255).optional(), ...conditionFields }),
  defaults: { label: 'Until', operator: 'contains', operand: '' },
  mainField: 'operand',
  look: { height: 374, results: ['output'] },
  loop: 'end',
  costClass: () => 'inline',
  isDeterministic: () => true,
  check: (config) => {
    const problem = conditionProblem(config);
    return problem === null ? [] : [problem];
  },
});
